import { Role, stampTrusted } from "@flux-ts/protocol/message/credential";
import { useridUnknown } from "@flux-ts/protocol/message/message";
import type { Transport } from "../transport.ts";

/**
 * FLUX_HANDLE_USERID and FLUX_HANDLE_ROLEMASK: send messages with these instead of one's own, to try
 * what a guest may do. Brokers believe it of the instance owner only.
 */
export function withBorrowedCredential(
  transport: Transport,
  env: Readonly<Record<string, string | undefined>>,
): Transport {
  const { FLUX_HANDLE_USERID: user, FLUX_HANDLE_ROLEMASK: roles } = env;
  if (user === undefined && roles === undefined) return transport;
  const userid = user === undefined ? useridUnknown : Number(user);
  const rolemask = roles === undefined ? Role.None : Number(roles);
  const send = transport.send.bind(transport);
  transport.send = (message) => {
    stampTrusted(message, { userid, rolemask });
    send(message);
  };
  return transport;
}
