import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../../emulator/faults';
import { json } from '../../emulator/http';

/** One request as it arrived. */
export interface Call {
	method: string;
	url: URL;
	headers: IncomingHttpHeaders;
	body: Buffer;
}

/** A file that a platform has taken, and what it was told about it. */
export interface Upload {
	/** In bytes. */
	size: number;
	sha256: string;
	/** The MIME type. */
	type?: string;
	name?: string;
	/** The title, caption or text of the post. */
	title?: string;
}

/** What a call says that the platform's documentation does not allow. */
class Refused extends Error {
	constructor(
		readonly status: number,
		message: string,
	) {
		super(message);
	}
}

/**
 * A platform that takes uploads, on this machine: it speaks as much of the API as n8n's node uses, and
 * refuses what the documentation does not allow.
 */
export abstract class Platform {
	readonly uploads: Upload[] = [];
	/** Why it has refused calls. */
	readonly refusals: string[] = [];
	/** Answers 503 to all calls. */
	down = false;

	/** The names that it is reached by; `*` stands for one label. */
	abstract readonly hosts: string[];

	/** Answers a call, or refuses it with {@link demand}. */
	protected abstract respond(call: Call): Promise<Answer> | Answer;

	/** Whether a call to one of its hosts is meant for it: several platforms can share a host. */
	owns({ hostname }: URL): boolean {
		return this.hosts.some((host) =>
			host.startsWith('*.') ? hostname.replace(/^[^.]+/, '*') === host : host === hostname,
		);
	}

	async answer(call: Call): Promise<Answer> {
		try {
			this.demand(!this.down, 'Service unavailable', 503);
			return await this.respond(call);
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			this.refusals.push(error.message);
			return this.refusal(error.status, error.message);
		}
	}

	/** How it words a refusal. */
	protected refusal(status: number, message: string): Answer {
		return json(status, { error: { code: status, message } });
	}

	/** Refuses the call unless something holds. */
	protected demand(holds: unknown, message: string, status = 400): asserts holds {
		if (!holds) throw new Refused(status, message);
	}

	/** Refuses a call without this token. */
	protected demandToken({ headers }: Call, scheme: string, token: string): void {
		this.demand(headers.authorization === `${scheme} ${token}`, 'Invalid credentials', 401);
	}

	/** The JSON that a call brings. */
	protected jsonOf<T>({ headers, body }: Call): T {
		this.demand(
			headers['content-type']?.startsWith('application/json'),
			`Content-Type must be application/json, but is ${headers['content-type']}`,
			415,
		);
		try {
			return JSON.parse(body.toString()) as T;
		} catch {
			return this.refuse('The body is not JSON');
		}
	}

	/** The parts of a multipart form. */
	protected async formOf({ headers, body }: Call): Promise<FormData> {
		const type = headers['content-type'] ?? '';
		this.demand(/^multipart\/form-data;.*boundary=/.test(type), `No multipart form: ${type}`, 415);
		return await new Response(new Uint8Array(body), { headers: { 'content-type': type } })
			.formData()
			.catch(() => this.refuse('The multipart form is broken'));
	}

	/** The file in a part of a form, under its name. */
	protected fileIn(form: FormData, part: string): File {
		const file = form.get(part);
		this.demand(file instanceof File, `There is no file in ${part}`);
		this.demand(file.size > 0, `The file in ${part} is empty`);
		this.demand(file.name && file.name !== 'blob', `The file in ${part} has no name`);
		return file;
	}

	protected keep(bytes: Uint8Array, about: Omit<Upload, 'size' | 'sha256'>): Upload {
		const upload = { size: bytes.length, sha256: sha256(bytes), ...about };
		this.uploads.push(upload);
		return upload;
	}

	private refuse(message: string): never {
		throw new Refused(400, message);
	}
}

/** What two files that are equal share, in hex. */
export function sha256(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}
