# shellcheck shell=bash
# A MariaDB of our own for slurmdbd: no TCP port, no password (unix_socket
# logins), nothing of the machine's own database is touched.

mariadbd_up() {
  local data=$DIR/mysql
  if [ ! -d "$data" ]; then make_database "$data"; fi
  ensure_daemon mariadbd mysql -- mariadbd --no-defaults --datadir="$data" --socket="$database_socket" --skip-networking \
    --pid-file="$run/mysql/mariadbd.pid" --tmpdir="$run/mysql" --innodb-buffer-pool-size=64M --innodb-log-file-size=32M \
    --innodb-lock-wait-timeout=900 --innodb-flush-log-at-trx-commit=2 --performance-schema=off --skip-log-bin
  wait_for mariadbd 60 mariadbd_answers
  if [ ! -e "$data/slurm_acct" ]; then
    sql "CREATE DATABASE IF NOT EXISTS slurm_acct;
         CREATE USER IF NOT EXISTS slurm@localhost IDENTIFIED VIA unix_socket;
         GRANT ALL ON slurm_acct.* TO slurm@localhost;" || fail "MariaDB refused to make slurmdbd's database" "read $log/mariadbd.log"
  fi
}

sql() { mariadb --no-defaults --socket="$database_socket" -u root -e "$1"; }

mariadbd_answers() { mariadb-admin --no-defaults --socket="$database_socket" -u root ping; }

# Into a directory of its own and then renamed: a run that died half way leaves nothing that looks complete. A MariaDB that
# starts removes every temporary table from its tmpdir: in /tmp, those of another cluster that is being made as well.
make_database() {
  # A new database knows no accounts.
  rm -rf "$1.new" "$DIR/state/accounts"
  mariadb-install-db --no-defaults --datadir="$1.new" --tmpdir="$run/mysql" --user=mysql --auth-root-authentication-method=socket \
    --skip-test-db >"$log/mariadb-install-db.log" 2>&1 ||
    fail "mariadb-install-db did not work: $(tail -n 1 "$log/mariadb-install-db.log")" "read $log/mariadb-install-db.log"
  mv "$1.new" "$1"
}
