// The only file that touches private parts of ssh2 (1.17.0, pinned exactly): ssh2 cannot log in with a certificate, cannot
// signal a program after its input ended, reopens a full channel's window when stderr is read, opens every window to 2 MB, and
// prepares its key again for each packet.
// connection.cluster.test.ts fails when a new version moves any of this.
import { createPublicKey, createSecretKey, type KeyObject, sign } from "node:crypto";
import ssh2, { type Client, type ClientChannel, type ParsedKey } from "ssh2";
import protocolUtils from "ssh2/lib/protocol/utils.js";
import { CERTIFICATE_TYPE } from "./certificate";
import type { Identity } from "./certificate-authority";
import { lineOfBlob, publicKeyBlob, signatureBlob } from "./public-key";
import { string, strings } from "./wire";

const USERAUTH_REQUEST = 50;

type Signed = (data: Buffer, done: (signature: Buffer) => void) => void;
type AuthPK = (...request: [user: string, key: ParsedKey, algorithm?: string | Signed, signed?: Signed]) => void;

type Protocol = {
  authPK: AuthPK;
  signal(channelId: number, name: string): void;
  session(channelId: number, windowBytes: number, packetBytes: number): void;
  channelWindowAdjust(channelId: number, bytes: number): void;
  /** Ours: channels with a narrow window, by the number that sshd gave them. */
  narrow?: Map<number, { window: number }>;
  /** Of AES-GCM, which ssh2 offers first. */
  _cipher: { _encKey?: Buffer | KeyObject };
  _decipher: { _decipherKey?: Buffer | KeyObject };
  _kex: { sessionID: Buffer };
  _packetRW: { write: { allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer } };
  _authsQueue: string[];
};

type WithProtocol = { _protocol: Protocol };
type WithEnds = {
  incoming: { state: string; window: number };
  outgoing: { id: number; state: string };
  _client: WithProtocol;
};

// ssh2's own types leave these fields out; they were read in its sources at the pinned version.
const protocolOf = (client: Client): Protocol => (client as unknown as WithProtocol)._protocol;
const endsOf = (channel: ClientChannel): WithEnds => channel as unknown as WithEnds;

/** `identity` in the shape that ssh2's `authHandler` takes for a private key. */
export function certificateKey({ privateKey, certificate }: Identity): ParsedKey {
  const plain = ssh2.utils.parseKey(lineOfBlob(publicKeyBlob(createPublicKey(privateKey))));
  if (plain instanceof Error) throw plain;
  return Object.create(plain, {
    type: { value: CERTIFICATE_TYPE },
    getPublicSSH: { value: () => certificate },
    isPrivateKey: { value: () => true },
    sign: { value: (data: Buffer) => sign(null, data, privateKey) },
  });
}

const prepared = (key: Buffer | KeyObject | undefined) => (Buffer.isBuffer(key) ? createSecretKey(key) : key);

/**
 * Call directly after `client.connect`. With AES-GCM ssh2 gives node:crypto the key of each packet as bytes, which costs
 * Node 24 15 of the 22 µs that a packet of 4 KB takes to decipher. As a KeyObject it is prepared once.
 * `onDecipher` is called with each decipher: `true` when what it deciphers is in memory of its own, and nothing of what was
 * read is kept.
 */
export function prepareKeys(client: Client, onDecipher: (copies: boolean) => void): void {
  client.on("handshake", () => {
    const { _cipher, _decipher } = protocolOf(client);
    _cipher._encKey = prepared(_cipher._encKey);
    _decipher._decipherKey = prepared(_decipher._decipherKey);
    // ChaCha20's keeps a packet as it was read until its MAC has come, and ssh2's addon, where built, deciphers in place.
    onDecipher(_decipher.constructor.name === "AESGCMDecipherNative");
  });
}

function send(protocol: Protocol, payload: Buffer): void {
  const packet = protocol._packetRW.write.alloc(payload.length);
  packet.set(payload, protocol._packetRW.write.allocStart);
  protocol._authsQueue.push("publickey");
  protocolUtils.sendPacket(protocol, protocol._packetRW.write.finalize(packet));
}

/**
 * Call directly after `client.connect`. ssh2 writes one name as the key's algorithm and as the signature's, where
 * OpenSSH wants the certificate's in the first place and the plain key's in the second (PROTOCOL.certkeys, RFC 4252 7).
 * `signed` is called once the signature is on its way: what comes next is the other side's yes or no.
 */
export function allowCertificate(client: Client, { privateKey, certificate }: Identity, signed: () => void): void {
  const protocol = protocolOf(client);
  const original = protocol.authPK;
  protocol.authPK = (...request) => {
    const [user, key, algorithm, callback] = request;
    const isQuestion = typeof algorithm !== "function" && !callback;
    if (key.type !== (CERTIFICATE_TYPE as string) || isQuestion) return original.apply(protocol, request);
    const head = Buffer.concat([Buffer.from([USERAUTH_REQUEST]), strings([user, "ssh-connection", "publickey"])]);
    const body = Buffer.concat([head, Buffer.from([1]), strings([CERTIFICATE_TYPE, certificate])]);
    const signature = signatureBlob(privateKey, Buffer.concat([string(protocol._kex.sessionID), body]));
    send(protocol, Buffer.concat([body, string(signature)]));
    signed();
  };
}

/** Sends `name` to the program's process group (RFC 4254 6.9; OpenSSH since 7.9), also after its input has ended. */
export function signalProgram(channel: ClientChannel, name: "TERM" | "KILL"): void {
  const { outgoing, _client } = endsOf(channel);
  if (outgoing.state === "open" || outgoing.state === "eof") _client._protocol.signal(outgoing.id, name);
}

/** True once the other side said that it has no more to send; a lost connection ends the stream without that. */
export const sawEndOfFile = (channel: ClientChannel): boolean => endsOf(channel).incoming.state !== "open";

/**
 * stdout and stderr share one window, and ssh2 reopens it when stderr takes something, however full stdout is: a program
 * that floods stdout and trickles stderr would fill our memory. With this, stdout alone decides while it is full.
 */
export function boundWindow(channel: ClientChannel): void {
  const { stderr } = channel;
  const isFull = () => channel.readableLength >= channel.readableHighWaterMark;
  const [push, read] = [stderr.push.bind(stderr), stderr._read.bind(stderr)];
  stderr.push = (...chunk) => push(...chunk) && !isFull();
  stderr._read = (size) => {
    if (!isFull()) read(size);
  };
}

const SSH2_WINDOW_BYTES = 2 * 1024 * 1024;
/** ssh2 reopens a window of which so much is left. */
const SSH2_THRESHOLD_BYTES = SSH2_WINDOW_BYTES / 2;
const NARROW_BYTES = 256 * 1024;
/** Added to ssh2's count of a narrow window, so that its threshold is met when half of ours is left. */
const COUNT_AHEAD = SSH2_THRESHOLD_BYTES - NARROW_BYTES / 2;

/** Runs `open`, which opens a session channel on `client`, so that the channel begins with a window of 256 KB. */
export function openNarrow(client: Client, open: () => void): void {
  const protocol = protocolOf(client);
  const original = protocol.session;
  protocol.session = (id, _windowBytes, packetBytes) => original.call(protocol, id, NARROW_BYTES, packetBytes);
  try {
    open();
  } finally {
    protocol.session = original;
  }
}

function narrowChannels(protocol: Protocol): Map<number, { window: number }> {
  if (protocol.narrow) return protocol.narrow;
  const channels = new Map<number, { window: number }>();
  const original = protocol.channelWindowAdjust;
  protocol.channelWindowAdjust = (id, bytes) => {
    const incoming = channels.get(id);
    if (!incoming) return original.call(protocol, id, bytes);
    const left = incoming.window - bytes - COUNT_AHEAD;
    incoming.window = NARROW_BYTES + COUNT_AHEAD;
    original.call(protocol, id, NARROW_BYTES - left);
  };
  protocol.narrow = channels;
  return channels;
}

/**
 * Keeps the window of a channel that openNarrow() opened at 256 KB. What is on its way is what the answer to a Ctrl-C waits
 * behind: 2 MB of a flood take a browser half a second to draw.
 */
export function keepNarrow(channel: ClientChannel): void {
  const { incoming, outgoing, _client } = endsOf(channel);
  const came = SSH2_WINDOW_BYTES - incoming.window;
  incoming.window = NARROW_BYTES - came + COUNT_AHEAD;
  // Node has no setter for it; ssh2 reopens the window only while less than this waits to be read.
  const state = (channel as unknown as { _readableState: { highWaterMark: number } })._readableState;
  state.highWaterMark = NARROW_BYTES / 2;
  const channels = narrowChannels(_client._protocol);
  channels.set(outgoing.id, incoming);
  channel.once("close", () => channels.delete(outgoing.id));
}
