// One finger scrolls, as everywhere on a phone: xterm itself knows only the wheel (xtermjs/xterm.js#5489). Where a program has
// the whole screen or the mouse, it gets what a wheel would give it.
import type { Terminal } from "@xterm/xterm";

/** So far a finger moves when it only taps. */
const TAP_PX = 8;

/** A wheel's turn by one line at the finger, which xterm makes into the mouse's report or an arrow key. */
function turnWheel(element: Element, down: boolean, { clientX, clientY }: Touch): void {
  const turn = { deltaY: down ? 1 : -1, deltaMode: WheelEvent.DOM_DELTA_LINE, clientX, clientY };
  element.dispatchEvent(new WheelEvent("wheel", { ...turn, bubbles: true, cancelable: true }));
}

function scroll(terminal: Terminal, lines: number, finger: Touch): void {
  const { element, buffer, modes } = terminal;
  const isPrograms = buffer.active.type === "alternate" || modes.mouseTrackingMode !== "none";
  const screen = element?.querySelector(".xterm-screen");
  if (!isPrograms || !screen) terminal.scrollLines(lines);
  else for (let left = Math.abs(lines); left > 0; left -= 1) turnWheel(screen, lines > 0, finger);
}

/** Scrolls `terminal`, which is open, with one finger. Two are for the size of its text. */
export function scrollByTouch(terminal: Terminal): void {
  const { element } = terminal;
  if (!element) return;
  /** Where the finger was when the last line had gone by. */
  let last: { y: number; isMoving: boolean } | null = null;
  const onStart = ({ touches }: TouchEvent) => {
    const [finger] = touches;
    last = finger && touches.length === 1 ? { y: finger.clientY, isMoving: false } : null;
  };
  const onMove = (event: TouchEvent) => {
    const [finger] = event.touches;
    if (!finger || !last || event.touches.length !== 1) return;
    const moved = last.y - finger.clientY;
    if (!last.isMoving && Math.abs(moved) < TAP_PX) return;
    // It does not move the page, and ends as no tap.
    event.preventDefault();
    const lineHeight = element.clientHeight / terminal.rows;
    const lines = Math.trunc(moved / lineHeight);
    last = { y: last.y - lines * lineHeight, isMoving: true };
    if (lines !== 0) scroll(terminal, lines, finger);
  };
  element.addEventListener("touchstart", onStart, { passive: true });
  element.addEventListener("touchmove", onMove, { passive: false });
}
