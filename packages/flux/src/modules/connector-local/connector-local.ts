import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { SocketTransport } from "@flux-ts/client/connectors/socket-transport";
import { type LocalClient, LocalRouter } from "@flux-ts/client/local-router";
import { Role } from "@flux-ts/protocol/message/credential";
import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { connectorLocal } from "@flux-ts/protocol/services/connector-local";
import { peerCredential } from "../../native/peer-credential.ts";
import { groupName, groupsOf, userOfUid } from "../../native/user.ts";
import { defineModule, type ModuleContext } from "../../plugins/module.ts";
import { type AccessConfig, accessConfig, credentialOf } from "./access.ts";

/** Largest message taken from a guest: enough for any job, too little to fill the broker's memory. */
const maxGuestMessageBytes = 64 * 2 ** 20;
/** Bytes a client may leave unread before it is dropped. */
const maxBacklogBytes = 512 * 2 ** 20;
/** How often unread bytes are looked at. */
const backlogCheckMs = 1000;

interface Connection {
  readonly client: LocalClient;
  readonly socket: Socket;
  readonly pid: number;
}

/** Admits clients on the broker's UNIX socket and says who they are (RFC 12, RFC 5). */
export default defineModule({
  name: "connector-local",
  host: "inline",
  async start(context) {
    const connector = new Connector(context);
    await connector.listen(localPath(context));
    return {
      configReload: (config) => connector.configure(accessConfig(config)),
      stop: () => connector.close(),
    };
  },
});

/** The socket's path, from attribute `local-uri`. */
function localPath(context: ModuleContext): string {
  const uri = context.attr("local-uri") ?? "";
  if (!uri.startsWith("local://")) {
    throw new FluxError("EINVAL", `local-uri "${uri}" must start with local://`);
  }
  return uri.slice("local://".length);
}

class Connector {
  readonly #router: LocalRouter;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #owner: number;
  #access: AccessConfig;
  #connects = 0;
  #path = "";
  #backlogTimer: NodeJS.Timeout | undefined;

  constructor(context: ModuleContext) {
    this.#router = new LocalRouter(context.flux);
    this.#owner = Number(context.attr("security.owner"));
    this.#access = accessConfig(context.config);
    this.#server = createServer((socket) => this.#accept(socket));
    context.flux.serve(connectorLocal.statsGet, () => this.#stats());
  }

  /** Applies to connections made from now on. */
  configure(access: AccessConfig): void {
    this.#access = access;
  }

  async listen(path: string): Promise<void> {
    this.#path = path;
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (cause) =>
        reject(new FluxError("EIO", `cannot listen on ${path}: ${cause.message}`, { cause })),
      );
      this.#server.listen(path, resolve);
    });
    // Who may connect is decided by uid, not by the file's mode.
    chmodSync(path, 0o777);
    this.#backlogTimer = setInterval(() => this.#dropSlowClients(), backlogCheckMs);
  }

  close(): void {
    clearInterval(this.#backlogTimer);
    this.#server.close();
    for (const { socket } of this.#connections) socket.destroy();
    rmSync(this.#path, { force: true });
  }

  #accept(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    const peer = peerCredential(socket);
    const credential = credentialOf(peer.uid, this.#owner, this.#access, (uid) =>
      isAdmin(uid, this.#access),
    );
    if (!credential) {
      socket.end(Uint8Array.of(Errno.EPERM));
      return;
    }
    socket.write(Uint8Array.of(0));
    const isOwner = (credential.rolemask & Role.Owner) !== 0;
    const transport = new SocketTransport(
      socket,
      isOwner ? {} : { maxMessageBytes: maxGuestMessageBytes },
    );
    this.#connects++;
    const client = this.#router.add(transport, credential);
    const connection = { client, socket, pid: peer.pid };
    this.#connections.add(connection);
    socket.once("close", () => this.#connections.delete(connection));
  }

  #dropSlowClients(): void {
    for (const { socket } of this.#connections) {
      if (socket.writableLength > maxBacklogBytes) socket.destroy();
    }
  }

  #stats() {
    const clients = [...this.#connections].map(({ client, pid, socket }) => ({
      uuid: client.uuid,
      userid: client.credential.userid,
      pid,
      txcount: client.sent,
      rxcount: client.received,
      rxbacklog: socket.writableLength,
    }));
    return {
      server: { clients, connects: this.#connects },
      allow_guest_user: this.#access.allowGuestUser,
      allow_root_owner: this.#access.allowRootOwner,
    };
  }
}

/** The user is named in the admin role, or is a listed member of a group that is. */
function isAdmin(uid: number, { adminUsers, adminGroups }: AccessConfig): boolean {
  if (adminUsers.length === 0 && adminGroups.length === 0) return false;
  const user = userOfUid(uid);
  if (!user) return false;
  if (adminUsers.includes(user.name)) return true;
  // The first group is the primary one, which flux-core does not consider.
  const [, ...supplementary] = groupsOf(user.name);
  return supplementary.some((gid) => adminGroups.includes(groupName(gid) ?? ""));
}
