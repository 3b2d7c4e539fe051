import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** Tells whether the process waits for the operating system. */
export interface Watch {
	/**
	 * Whether there is something that this process is still to be told: bytes or an end that one side
	 * of a connection has sent and the other has not read, a file being read or written, a name being
	 * looked up. What zlib and crypto do in threads is not seen, and a server that keeps its answer to
	 * itself is not under way.
	 */
	isUnderWay(): boolean;
	end(): void;
}

/** Begins to watch. Both ends of every connection that is opened from now on must be in this process. */
export function watchProcess(): Watch {
	const clients = followSockets('net.client.socket');
	const servers = followSockets('net.server.socket');

	function connectionsAreMoving(): boolean {
		if (clients.sockets.size !== servers.sockets.size) return true;
		const others = new Map(
			[...servers.sockets].map((server) => [`${server.remotePort} ${server.localPort}`, server]),
		);
		return [...clients.sockets].some((client) => {
			const server = others.get(`${client.localPort} ${client.remotePort}`);
			return (
				client.bytesWritten !== server?.bytesRead ||
				server.bytesWritten !== client.bytesRead ||
				[client, server].some(({ destroyed, writableEnded }) => destroyed || writableEnded)
			);
		});
	}

	return {
		isUnderWay: () => connectionsAreMoving() || requestsArePending(),
		end() {
			clients.end();
			servers.end();
		},
	};
}

/** Keeps the open sockets that a channel tells of (Node's `diagnostics_channel`, "TCP Socket"). */
function followSockets(channel: string): { sockets: Set<Socket>; end(): void } {
	const sockets = new Set<Socket>();
	const onSocket = (message: unknown) => {
		const { socket } = message as { socket: Socket };
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	};
	subscribe(channel, onSocket);
	return { sockets, end: () => void unsubscribe(channel, onSocket) };
}

/** Node names what it waits for: `FSReqCallback`, `FSReqPromise`, `CloseReq`, `GetAddrInfoReqWrap` … */
function requestsArePending(): boolean {
	return process
		.getActiveResourcesInfo()
		.some((kind) => /Req|(Connect|Write|Shutdown)Wrap$/.test(kind));
}
