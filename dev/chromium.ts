// Debian's Chromium as tests and screenshots start it: without a sandbox, which root has not, and without traffic of its own.
export const chromiumOptions = {
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/** The same engine without a browser's own windows: half of the processor time for the same page. For journeys. */
export const shellOptions = { ...chromiumOptions, executablePath: "/usr/bin/chromium-headless-shell" };
