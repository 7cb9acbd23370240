# shellcheck shell=bash
# The module tree of this cluster. The machine's own Lmod set-up is not
# changed: logins get the tree through LMOD_SITE_MODULEPATH (sshd's SetEnv),
# jobs through a task prolog that puts it in front of MODULEPATH.

modules_up() {
  local software=$DIR/software
  install -d -m 755 "$module_dir/hello" "$module_dir/python" "$software/hello/1.0/bin" "$software/python/3.11/bin"
  # shellcheck disable=SC2016
  printf '#!/bin/sh\necho "hello from version ${HELLO_VERSION:-unknown}"\n' |
    write_if_changed "$software/hello/1.0/bin/hello" root:root 755
  module_file hello/1.0 "A greeting, to try modules with" "$software/hello/1.0/bin" 'setenv("HELLO_VERSION", "1.0")'

  ln -sfn /usr/bin/python3 "$software/python/3.11/bin/python3"
  ln -sfn /usr/bin/python3 "$software/python/3.11/bin/python"
  module_file python/3.11 "The Python of this machine" "$software/python/3.11/bin" ""
  gcc_module

  write_if_changed "$etc/task-prolog" root:root 755 <<EOT
#!/bin/sh
# Slurm adds what this prints to the environment of every task, the batch script included.
echo "export MODULEPATH=$module_dir\${MODULEPATH:+:\$MODULEPATH}"
EOT
}

# Only where there is such a compiler: a module that offers nothing would be a lie.
gcc_module() {
  local bin=$DIR/software/gcc/12/bin
  if [ ! -x /usr/bin/gcc-12 ]; then return 0; fi
  install -d -m 755 "$bin" "$module_dir/gcc"
  ln -sfn /usr/bin/gcc-12 "$bin/gcc"
  module_file gcc/12 "GNU C compiler 12" "$bin" 'setenv("CC", "gcc")'
}

# module_file NAME/VERSION WHATIS BIN EXTRA
module_file() {
  write_if_changed "$module_dir/$1.lua" root:root 644 <<EOT
whatis("Name: ${1%/*}")
whatis("Version: ${1#*/}")
whatis("Description: $2")
prepend_path("PATH", "$3")
$4
EOT
}
