// Runs code in a Jupyter kernel from a page on the app's own origin: over the gateway's HTTP and its WebSocket, with the
// cookie that opening the session left. Works for the classic notebook and for JupyterLab.
import type { Page } from "@playwright/test";

/** Starts a kernel, runs `code`, answers what it printed. Throws the kernel's own words when the code failed. */
export function runCode(page: Page, code: string): Promise<string> {
  return page.evaluate(async (source) => {
    // Jupyter wants its own anti-forgery token back, as its pages do.
    const headers = { "X-XSRFToken": /_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? "" };
    const started = await fetch("/api/kernels", { method: "POST", body: "{}", headers });
    if (!started.ok) throw new Error(`starting a kernel answered ${started.status}: ${await started.text()}`);
    const { id } = (await started.json()) as { id: string }; // Jupyter's REST API: a kernel model.
    const own = crypto.randomUUID();
    const socket = new WebSocket(
      `${location.origin.replace("http", "ws")}/api/kernels/${id}/channels?session_id=${own}`,
    );
    const header = { msg_id: own, msg_type: "execute_request", username: "", session: own, version: "5.3", date: "" };
    const content = { code: source, silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
    const request = { channel: "shell", header, parent_header: {}, metadata: {}, content, buffers: [] };
    const text = await new Promise<string>((resolve, reject) => {
      let printed = "";
      socket.onopen = () => socket.send(JSON.stringify(request));
      socket.onclose = ({ code: why }) => reject(new Error(`the kernel's socket closed with ${why}`));
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.parent_header?.msg_id !== own) return;
        if (message.msg_type === "stream") printed += message.content.text;
        if (message.msg_type === "error") reject(new Error(message.content.traceback.join("\n")));
        if (message.msg_type === "status" && message.content.execution_state === "idle") resolve(printed);
      };
    });
    socket.onclose = null;
    socket.close();
    await fetch(`/api/kernels/${id}`, { method: "DELETE", headers });
    return text;
  }, code);
}
