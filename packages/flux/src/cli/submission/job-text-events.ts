import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { OutputEvent } from "@flux-ts/protocol/job/output";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  stringifyJson,
} from "@flux-ts/protocol/schema/json";

/** Labels of the job shell's log levels (RFC 5424 severities as the shell uses them). */
export const levelLabels = ["FATAL", "FATAL", "FATAL", "ERROR", " WARN", "", "DEBUG", "TRACE"];

/** `name {"key":value}`, with sorted keys: an event as watchers of several jobs print it. */
export function eventText({ name, context }: EventlogEntry): string {
  return `${name} ${context ? stringifyJson(sorted(context)) : ""}`;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) copy[key] = sorted(member);
  }
  return copy;
}

export interface StreamText {
  readonly stream: "stdout" | "stderr";
  /** A character for each byte: output need not be UTF-8. */
  readonly text: string;
}

/** Text as one character for each byte of its UTF-8. */
export const bytewise = (text: string): string => Buffer.from(text).toString("latin1");

/** What watchers of several jobs print for an event of the output log, and to which stream. */
export function outputText(event: OutputEvent, labelIo: boolean): StreamText | undefined {
  switch (event.name) {
    case "data": {
      const { stream, rank, data, repeat = 1 } = event.context;
      if (!data?.length) return undefined;
      const text = Buffer.from(data).toString("latin1").repeat(repeat);
      const lines = text.replace(/\n$/, "").split("\n");
      return {
        stream: stream === "stderr" ? "stderr" : "stdout",
        text: labelIo ? lines.map((line) => `${rank}: ${line}\n`).join("") : text,
      };
    }
    case "redirect": {
      const { stream, rank, path = "" } = event.context;
      const text = bytewise(`${rank}: ${stream} redirected to ${path}\n`);
      return { stream: "stderr", text };
    }
    case "log": {
      const { level, rank = -1, component, message } = event.context;
      const label = levelLabels[level];
      const who = `flux-shell[${rank}]: ${label ? `${label}: ` : ""}`;
      const text = bytewise(`${who}${component ? `${component}: ` : ""}${message}\n`);
      return { stream: "stderr", text };
    }
    default:
      return undefined;
  }
}

/** `job.exception: type=T severity=N NOTE`. */
export function exceptionText({ context = {} }: EventlogEntry): string {
  const note = context.note ? ` ${context.note}` : "";
  return `job.exception: type=${context.type} severity=${context.severity}${note}`;
}
