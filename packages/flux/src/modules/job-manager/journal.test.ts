import { Request } from "@flux-ts/client/request";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { Role } from "@flux-ts/protocol/message/credential";
import { Message, MessageFlag, MessageType } from "@flux-ts/protocol/message/message";
import { type JournalEntry, jobManager } from "@flux-ts/protocol/services/job-manager";
import { expect, test } from "vitest";
import { Journal } from "./journal.ts";

function listen(journal: Journal, args: object = {}, sender = "client") {
  const told: JournalEntry[] = [];
  const ends: number[] = [];
  const message = new Message({
    type: MessageType.Request,
    flags: MessageFlag.Streaming,
    userid: 500,
    rolemask: Role.Owner,
    routes: [sender],
    aux2: 5,
  });
  const request = new Request<JournalEntry>(message, jobManager.eventsJournal.response, (sent) => {
    if (sent.errnum) ends.push(sent.errnum);
    else told.push(jobManager.eventsJournal.response.decode(sent.payload, ""));
  });
  const listener = journal.open(request, { ...args });
  return { listener, request, told, ends };
}

function entry(id: bigint, ...names: string[]): JournalEntry {
  return { id: id as JobId, events: names.map((name) => ({ timestamp: 1, name })) };
}

const shown = (told: JournalEntry[]) =>
  told.map(({ id, events }) => `${id} ${events.map(({ name }) => name).join(",")}`);

test("events that follow each other in one job travel together, in order", () => {
  const journal = new Journal();
  const { listener, told } = listen(journal);
  listener.goLive();
  journal.append({ ...entry(1n, "submit"), jobspec: { version: 1 } });
  journal.append(entry(1n, "validate"));
  journal.append(entry(2n, "alloc"));
  journal.append(entry(1n, "depend"));
  journal.flush();
  expect(shown(told)).toEqual(["-1 ", "1 submit,validate", "2 alloc", "1 depend"]);
  expect(told[1]?.jobspec).toEqual({ version: 1 });
});

test("the past comes first, then the mark, then what happened in the meantime", () => {
  const journal = new Journal();
  const { listener, told } = listen(journal);
  journal.append(entry(1n, "start"));
  journal.flush();
  listener.tellPast(entry(1n, "submit", "alloc"));
  listener.goLive();
  expect(shown(told)).toEqual(["1 submit,alloc", "-1 ", "1 start"]);
});

test("listeners get the events they allow and do not deny", () => {
  const journal = new Journal();
  const allowed = listen(journal, { allow: { start: 1, finish: 1 }, deny: { finish: 1 } });
  const denied = listen(journal, { deny: { start: 1 } });
  for (const { listener } of [allowed, denied]) listener.goLive();
  for (const name of ["start", "finish"]) {
    journal.append(entry(1n, name));
    journal.flush();
  }
  expect(shown(allowed.told)).toEqual(["-1 ", "1 start"]);
  expect(shown(denied.told)).toEqual(["-1 ", "1 finish"]);
});

test("filters must be objects, and the request a streaming one", () => {
  const journal = new Journal();
  expect(() => listen(journal, { allow: 1 })).toThrow("allow should be an object");
  expect(() => listen(journal, { deny: [] })).toThrow("deny should be an object");
  const plain = new Request<JournalEntry>(
    new Message({ type: MessageType.Request }),
    jobManager.eventsJournal.response,
    () => {},
  );
  expect(() => journal.open(plain, {})).toThrow("requires streaming RPC flag");
});

test("a canceled stream ends with ENODATA, a disconnected one without a word", () => {
  const journal = new Journal();
  const first = listen(journal);
  const second = listen(journal, {}, "other");
  const client = { userid: 500, rolemask: Role.Owner };
  journal.cancel({ ...client, sender: "client" }, 6);
  journal.cancel({ ...client, sender: "client" }, 5);
  expect(first.ends).toEqual([61]);
  journal.disconnect({ ...client, sender: "other" });
  expect(second.ends).toEqual([]);
  expect(journal.stats()).toEqual({ listeners: 0, events: 0 });
});
