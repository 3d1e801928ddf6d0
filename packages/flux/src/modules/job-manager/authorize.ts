import { type Credential, isOwner, isOwnerOr } from "@flux-ts/protocol/message/credential";
import { useridUnknown } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";

/** Guests reach their own jobs only. Throws EPERM. */
export function authorize(cred: Credential, job: { readonly userid: number }, text: string): void {
  if (!isOwnerOr(cred, job.userid)) throw new FluxError("EPERM", text);
}

/**
 * The user whose jobs a request is about: undefined for all users', which only the owner may ask for. On
 * the wire that is -1. Throws EPERM.
 */
export function targetUser(cred: Credential, userid: number, text: string): number | undefined {
  const target = userid >>> 0;
  if (target !== useridUnknown) {
    authorize(cred, { userid: target }, text);
    return target;
  }
  if (!isOwner(cred)) throw new FluxError("EPERM", text);
  return undefined;
}
