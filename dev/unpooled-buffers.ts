// Imported before @xterm/addon-unicode-graphemes in Node: lib/terminals/screen-worker.ts says why.
Buffer.poolSize = 0;
