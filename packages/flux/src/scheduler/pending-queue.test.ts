import { toJobId } from "@flux-ts/protocol/job/fluid";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type PendingJob, PendingQueue } from "./pending-queue.ts";

function job(id: number, priority: number): PendingJob {
  const request = {
    nodes: undefined,
    slots: { min: 1, max: 1 },
    coresPerSlot: 1,
    gpusPerSlot: 0,
    duration: 0,
    constraint: undefined,
    exclusive: false,
  };
  return { id: toJobId(id), priority, request, annotated: new Set(), estimate: null };
}

function drain(queue: PendingQueue): string[] {
  const order: string[] = [];
  for (let head = queue.head; head; head = queue.head) {
    order.push(`${head.id}`);
    queue.remove(head.id);
  }
  return order;
}

test("higher priority comes first, then the older job", () => {
  const queue = new PendingQueue();
  for (const [id, priority] of [
    [3, 16],
    [1, 16],
    [2, 17],
  ] as const) {
    queue.add(job(id, priority));
  }
  expect(queue.first(2).map(({ id }) => `${id}`)).toEqual(["2", "1"]);
  expect(drain(queue)).toEqual(["2", "1", "3"]);
});

test("any mix of additions, removals and new priorities leaves the queue in order", () => {
  const step = fc.record({
    id: fc.integer({ min: 1, max: 20 }),
    priority: fc.integer({ min: 0, max: 4 }),
    what: fc.constantFrom("add", "remove", "reprioritize"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new PendingQueue();
      const model = new Map<number, number>();
      for (const { id, priority, what } of steps) {
        if (what === "add") {
          queue.add(job(id, priority));
          model.set(id, priority);
        } else if (what === "remove") {
          queue.remove(toJobId(id));
          model.delete(id);
        } else if (model.has(id)) {
          queue.reprioritize(toJobId(id), priority);
          model.set(id, priority);
        }
      }
      const expected = [...model].sort(([a, p], [b, q]) => q - p || a - b).map(([id]) => `${id}`);
      expect(queue.first(100).map(({ id }) => `${id}`)).toEqual(expected);
      expect(drain(queue)).toEqual(expected);
    }),
  );
});
