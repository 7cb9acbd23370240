import { QueryClient } from "@tanstack/react-query";
import { expect, it, onTestFinished, vi } from "vitest";
import { keepPerson } from "@/components/frame/same-person";
import { meKey } from "@/components/people/queries";
import { sessionKeys } from "@/components/sessions/queries";

const alice = { id: "a", name: "Alice Arden" };
const bob = { id: "b", name: "Bob Brook" };

function tab() {
  const client = new QueryClient();
  client.setQueryData([...sessionKeys.lists, "recent"], [{ id: "of-alice" }]);
  const onAnother = vi.fn();
  const keep = () => onTestFinished(keepPerson(client, onAnother));
  return { client, onAnother, keep };
}

it("gives everything up, once, when somebody else turns out to be signed in", async () => {
  const { client, onAnother, keep } = tab();
  client.setQueryData(meKey, alice);
  keep();
  client.setQueryData(meKey, bob);
  client.setQueryData(meKey, { ...bob, name: "Bob B. Brook" });
  expect(onAnother).toHaveBeenCalledTimes(1);
  expect(client.getQueryData([...sessionKeys.lists, "recent"])).toBeUndefined();
});

it("goes on with the same person, whatever else of them changes", () => {
  const { client, onAnother, keep } = tab();
  client.setQueryData(meKey, alice);
  keep();
  client.setQueryData(meKey, { ...alice, name: "Alice A. Arden" });
  client.removeQueries({ queryKey: meKey });
  client.setQueryData(meKey, alice);
  expect(onAnother).not.toHaveBeenCalled();
  expect(client.getQueryData([...sessionKeys.lists, "recent"])).toBeDefined();
});

it("takes the first answer for the person where the page came without one", () => {
  const { client, onAnother, keep } = tab();
  keep();
  client.setQueryData(meKey, alice);
  expect(onAnother).not.toHaveBeenCalled();
  client.setQueryData(meKey, bob);
  expect(onAnother).toHaveBeenCalledTimes(1);
});
