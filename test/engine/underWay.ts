import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Gunzip } from 'node:zlib';

/** Tells whether the process waits for the operating system. */
export interface Watch {
	/**
	 * Whether there is something that this process is still to be told: bytes or an end that one side
	 * of a connection has sent and the other has not read, a file being read or written, a name being
	 * looked up, or bytes in the hands of zlib's threads. A server that keeps its answer to itself is not
	 * under way. Jobs of crypto in threads are not seen; n8n (2.41.1) gives it none while it runs our node.
	 */
	isUnderWay(): boolean;
	end(): void;
}

/** Node's `diagnostics_channel`, "TCP Socket". */
const CHANNELS = ['net.client.socket', 'net.server.socket'];

/** Begins to watch. Both ends of every connection that is opened from now on must be in this process. */
export function watchProcess(): Watch {
	const sockets = new Set<Socket>();
	const onSocket = (message: unknown) => {
		const { socket } = message as { socket: Socket };
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	};
	for (const channel of CHANNELS) subscribe(channel, onSocket);
	const zlib = watchZlib();
	return {
		isUnderWay: () => connectionsAreMoving(sockets) || requestsArePending() || zlib.isAtWork(),
		end() {
			for (const channel of CHANNELS) unsubscribe(channel, onSocket);
			zlib.end();
		},
	};
}

/** What every stream of zlib inherits, and calls back once its thread has done with a chunk. */
interface ZlibStream {
	destroyed: boolean;
	_transform(chunk: Buffer, encoding: string, done: (error?: Error) => void): void;
}

/** Watches the streams of zlib, whose threads Node names nowhere among what it waits for. */
function watchZlib(): { isAtWork(): boolean; end(): void } {
	const streams = Object.getPrototypeOf(Object.getPrototypeOf(Gunzip.prototype)) as ZlibStream;
	const { _transform: transform } = streams;
	const atWork = new Set<ZlibStream>();
	streams._transform = function (chunk, encoding, done) {
		atWork.add(this);
		transform.call(this, chunk, encoding, (error) => {
			atWork.delete(this);
			done(error);
		});
	};
	return {
		isAtWork: () => [...atWork].some(({ destroyed }) => !destroyed),
		end: () => void (streams._transform = transform),
	};
}

function connectionsAreMoving(sockets: Set<Socket>): boolean {
	const ends = new Map(
		[...sockets].map((socket) => [`${socket.localPort} ${socket.remotePort}`, socket]),
	);
	return [...sockets].some((socket) => {
		const other = ends.get(`${socket.remotePort} ${socket.localPort}`);
		// A paused reader keeps the end of a closed connection to itself: Node 20 then leaves the socket open.
		const isRead = other
			? socket.bytesRead === other.bytesWritten
			: socket.isPaused() && socket.readableLength > 0;
		return !isRead || socket.writableEnded;
	});
}

/** Node names what it waits for: `FSReqCallback`, `FSReqPromise`, `CloseReq`, `GetAddrInfoReqWrap` … */
function requestsArePending(): boolean {
	return process
		.getActiveResourcesInfo()
		.some((kind) => /Req|(Connect|Write|Shutdown)Wrap$/.test(kind));
}
