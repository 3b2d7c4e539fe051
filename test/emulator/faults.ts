import type { ServerResponse } from 'node:http';

/** An answer of the emulator before anything goes wrong with it. */
export interface Answer {
	status: number;
	headers?: Record<string, string>;
	body: string | Buffer;
}

/** One thing that can go wrong with a call. */
export interface Fault {
	/** Whether the server has done what the call asked for: a paid POST that is taken costs money. */
	taken: boolean;
	/** Plays it. Gets the answer that would have been given when the call was taken. */
	play(response: ServerResponse, answer: Answer): void;
}

const json = (body: unknown) => ({
	'content-type': 'application/json',
	body: JSON.stringify(body),
});

function reply(
	status: number,
	content: Record<string, string>,
): (response: ServerResponse) => void {
	return (response) => {
		const { body, ...headers } = content;
		response.writeHead(status, headers).end(body);
	};
}

/** What a proxy, a firewall or nginx answers in the place of the server behind it. */
const page = (status: number): Fault => ({
	taken: false,
	play: reply(status, { 'content-type': 'text/html', body: `<html><h1>${status}</h1></html>` }),
});

const idOf = ({ body }: Answer) => (JSON.parse(String(body)) as { request_id: string }).request_id;

/** Takes the call, and answers it with an error that names the request. */
const naming = (status: number, body: (requestId: string) => object): Fault => ({
	taken: true,
	play: (response, answer) => reply(status, json(body(idOf(answer))))(response),
});

const html = { 'content-type': 'text/html', body: '<html><body>502 Bad Gateway</body></html>' };
const drop: Fault['play'] = (response) => void response.socket?.destroy();
const hang: Fault['play'] = () => undefined;

/** Ends the answer in the middle of its body, as a lost connection does. */
const half: Fault['play'] = (response, { status, headers, body }) => {
	const bytes = Buffer.from(body);
	response.writeHead(status, { ...headers, 'content-length': bytes.length });
	response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => response.socket?.destroy());
};

/** Every fault by name, for scenarios, tests and the chaos run. */
export const FAULTS = {
	resetBefore: { taken: false, play: drop },
	resetAfter: { taken: true, play: drop },
	resetDuring: { taken: true, play: half },
	hangBefore: { taken: false, play: hang },
	hangAfter: { taken: true, play: hang },
	html502: { taken: false, play: reply(502, html) },
	html502After: { taken: true, play: reply(502, html) },
	html200: { taken: true, play: reply(200, html) },
	json500: { taken: true, play: reply(500, json({ error: 'internal error' })) },
	/** Fails after the request was made, and names it, or itself when there is none. */
	idIn500: {
		taken: true,
		play: (response, answer) => {
			const { request_id = 'trace-1' } = JSON.parse(String(answer.body)) as { request_id?: string };
			reply(500, json({ error: 'internal error', request_id }))(response);
		},
	},
	/** Fails with the id of something else, as gateways do. */
	otherIdIn500: {
		taken: true,
		play: reply(500, json({ message: 'internal error', request_id: 'trace-1' })),
	},
	/** Refuse what they have taken, and name it. */
	idIn400: naming(400, (request_id) => ({ detail: [{ msg: 'late', ctx: { request_id } }] })),
	idIn409: naming(409, (request_id) => ({
		error: { message: 'already being processed', request_id },
	})),
	idIn429: naming(429, (request_id) => ({ message: 'slow down', data: { request_id } })),
	locationIn303: {
		taken: true,
		play: (response, answer) => {
			const location = `/v1/requests/${idOf(answer)}/status`;
			reply(303, { location, body: '' })(response);
		},
	},
	otherIdIn429: {
		taken: false,
		play: reply(429, json({ message: 'slow down', request_id: 'trace-1' })),
	},
	page403: page(403),
	page404: page(404),
	page407: page(407),
	page413: page(413),
	/** The proxy has given up on a call that the server has taken. */
	page408: { ...page(408), taken: true },
	page499: { ...page(499), taken: true },
	json503: { taken: false, play: reply(503, { ...json({ message: 'busy' }), 'retry-after': '2' }) },
	halfJson: {
		taken: true,
		play: (response, { body }) => {
			response.writeHead(200, { 'content-type': 'application/json' });
			response.end(Buffer.from(body).subarray(0, 12));
		},
	},
	empty200: { taken: true, play: reply(200, { 'content-type': 'application/json', body: '' }) },
	noRequestId: { taken: true, play: reply(200, json({ status: 'in_queue' })) },
	errorBody200: { taken: true, play: reply(200, json({ error: 'something went wrong' })) },
	noBalance200: {
		taken: false,
		play: reply(200, json({ error_code: 400002, error_message: 'InsufficientResources' })),
	},
	throttled: {
		taken: false,
		play: (response, { headers = {} }) =>
			reply(429, { ...json({ message: 'slow down' }), 'retry-after': headers['retry-after'] })(
				response,
			),
	},
	throttledBare: { taken: false, play: reply(429, json({ detail: 'Too Many Requests' })) },
	unauthorized: {
		taken: false,
		play: reply(401, json({ error_code: 400004, error_message: 'UserAccountError' })),
	},
	forbidden: {
		taken: false,
		play: reply(403, json({ error_code: 403001, error_message: 'PermissionDeniedError' })),
	},
	noBalance: { taken: false, play: reply(402, json({ detail: 'Payment Required' })) },
	notFound: {
		taken: false,
		play: reply(404, json({ error_code: 404001, error_message: 'ResourceNotFound' })),
	},
	rejected: {
		taken: false,
		play: reply(422, json({ detail: [{ loc: ['body', 'duration'], msg: 'out of range' }] })),
	},
	redirect: {
		taken: false,
		play: (response, { headers }) => {
			response.writeHead(302, { location: `${headers?.location}/elsewhere` }).end();
		},
	},
	/** Says that the body is whole but leaves the last third away. */
	short: {
		taken: true,
		play: (response, { status, headers, body }) => {
			response.writeHead(status, { ...headers, 'content-length': body.length });
			response.write(body.slice(0, Math.floor(body.length / 1.5)), () =>
				response.socket?.destroy(),
			);
		},
	},
	/** Announces less than it sends. */
	long: {
		taken: true,
		play: (response, { status, headers, body }) => {
			const head = Object.entries({ ...headers, 'content-length': String(body.length - 100) });
			const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join('');
			response.socket?.write(`HTTP/1.1 ${status} OK\r\n${lines}\r\n`);
			response.socket?.end(body);
		},
	},
	/** Sends a third and then nothing any more. */
	stall: {
		taken: true,
		play: (response, { status, headers, body }) => {
			response.writeHead(status, { ...headers, 'content-length': body.length });
			response.write(body.slice(0, Math.floor(body.length / 3)));
		},
	},
	/** Sends a byte every 100 ms, and so comes to no end. */
	trickle: {
		taken: true,
		play: (response, { status, headers, body }) => {
			const bytes = Buffer.from(body);
			response.writeHead(status, { ...headers, 'content-length': bytes.length });
			let at = 0;
			const timer = setInterval(() => response.write(bytes.subarray(at, ++at)), 100);
			response.on('close', () => clearInterval(timer));
		},
	},
	webPage: { taken: true, play: reply(200, { ...html, body: '<html>Sign in</html>' }) },
	gone: { taken: false, play: reply(403, { 'content-type': 'application/xml', body: '<Error/>' }) },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
