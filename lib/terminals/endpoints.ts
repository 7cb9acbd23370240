// The API's part that is about terminals.
import { z } from "zod";
import { endpoint, list } from "@/lib/endpoint";
import { newTerminal, terminalId, terminalName, terminalTicket, terminalView } from "@/lib/terminals/schema";

const byTerminal = z.object({ id: terminalId });

export const terminalEndpoints = {
  terminals: endpoint({
    method: "GET",
    path: "/api/terminals",
    summary: "My terminals, the most recently used first",
    scope: "terminals:write",
    answer: list(terminalView),
  }),
  createTerminal: endpoint({
    method: "POST",
    path: "/api/terminals",
    summary: "Ask for a terminal on a login node or inside a running session; it opens when a viewer attaches",
    scope: "terminals:write",
    status: 201,
    body: newTerminal,
    answer: terminalView,
    perMinute: 30,
  }),
  terminal: endpoint({
    method: "GET",
    path: "/api/terminals/{id}",
    summary: "One terminal",
    scope: "terminals:write",
    params: byTerminal,
    answer: terminalView,
  }),
  renameTerminal: endpoint({
    method: "POST",
    path: "/api/terminals/{id}/name",
    summary: "Give a terminal another name",
    scope: "terminals:write",
    params: byTerminal,
    body: terminalName,
    answer: terminalView,
  }),
  endTerminal: endpoint({
    method: "POST",
    path: "/api/terminals/{id}/end",
    summary: "End a terminal and what runs in it",
    scope: "terminals:write",
    params: byTerminal,
    answer: terminalView,
  }),
  terminalTicket: endpoint({
    method: "POST",
    path: "/api/terminals/{id}/ticket",
    summary: "A one-time ticket for the first message on /api/terminals/{id}/socket",
    scope: "terminals:write",
    params: byTerminal,
    answer: terminalTicket,
  }),
};
