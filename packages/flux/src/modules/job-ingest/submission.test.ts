import { wrapNone } from "@flux-ts/protocol/job/sign";
import { type Credential, Role } from "@flux-ts/protocol/message/credential";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import { JobFlag } from "@flux-ts/protocol/services/job-ingest";
import { expect, test } from "vitest";
import { checkSubmission } from "./submission.ts";

const owner: Credential = { userid: 500, rolemask: Role.Owner };
const guest: Credential = { userid: 1001, rolemask: Role.User };
const rules = { owner: 500, allowRoot: false };

function check(more: object = {}, cred = owner, payload = "{}", signer = cred.userid) {
  const J = wrapNone(encodeUtf8(payload), signer);
  return checkSubmission({ J, urgency: 16, flags: 0, ...more }, cred, rules);
}

test("a submission keeps who sent it and what was signed", () => {
  const submission = check({ urgency: 20, flags: JobFlag.Waitable }, owner, '{"a":1}');
  expect(submission).toMatchObject({
    userid: 500,
    rolemask: 1,
    urgency: 20,
    flags: 4,
    jobspec: { a: 1 },
  });
});

test("checks come in order: flags, NOVALIDATE, urgency, guests' limits, signature, JSON", () => {
  const bad = { flags: 1, urgency: 99, J: "x" };
  expect(() => check(bad, guest)).toThrow("invalid job flags");
  expect(() => check({ ...bad, flags: JobFlag.NoValidate }, guest)).toThrow(
    "only the instance owner can submit with FLUX_JOB_NOVALIDATE",
  );
  expect(() => check({ ...bad, flags: 0 }, guest)).toThrow("urgency range is [0:31]");
  expect(() => check({ ...bad, flags: 0, urgency: 17 }, guest)).toThrow(
    "only the instance owner can submit with urgency >16",
  );
  expect(() => check({ ...bad, flags: JobFlag.Waitable, urgency: 16 }, guest)).toThrow(
    "only the instance owner can submit with FLUX_JOB_WAITABLE",
  );
  expect(() => check({ J: "x" }, guest)).toThrow("could not unwrap jobspec");
  expect(() => check({}, guest, "nonsense", 7)).toThrow("signer=7 != requestor=1001");
  expect(() => check({}, guest)).toThrow("only instance owner can use sign-type=none");
  expect(() => check({}, owner, "nonsense")).toThrow("jobspec: invalid JSON");
  expect(() => check({}, owner, "[]")).toThrow("jobspec: invalid JSON: not an object");
});

test("errno tells permission from input errors", () => {
  const codeOf = (run: () => unknown): unknown => {
    try {
      run();
    } catch (error) {
      return (error as { code?: string }).code;
    }
    return undefined;
  };
  expect(codeOf(() => check({ flags: 64 }))).toBe("EPROTO");
  expect(codeOf(() => check({ urgency: -1 }))).toBe("EINVAL");
  expect(codeOf(() => check({}, guest))).toBe("EPERM");
});

test("jobs of root are refused unless the instance is root's", () => {
  const root = { userid: 0, rolemask: Role.Owner };
  expect(() => check({}, root)).toThrow("submission of jobs as user root not supported");
  const J = wrapNone(encodeUtf8("{}"), 0);
  const args = { J, urgency: 16, flags: 0 };
  expect(checkSubmission(args, root, { owner: 0, allowRoot: false }).userid).toBe(0);
  expect(checkSubmission(args, root, { owner: 500, allowRoot: true }).userid).toBe(0);
});
