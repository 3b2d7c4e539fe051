import { createHash, createHmac } from 'node:crypto';
import type { Answer } from '../../emulator/faults';
import { Platform, sha256, type Call } from './Platform';

const REGION = 'eu-central-1';
const SERVICE = 's3';
/** The smallest part of a multipart upload but for the last, in bytes. */
const SMALLEST_PART = 5 * 2 ** 20;

interface Multipart {
	key: string;
	type: string;
	parts: Map<number, Buffer>;
}

/** Amazon's object store with Signature Version 4: https://docs.aws.amazon.com/AmazonS3/latest/API/ */
export class S3 extends Platform {
	readonly bucket = 'videos';
	readonly hosts = [`*.s3.${REGION}.amazonaws.com`];
	readonly region = REGION;
	readonly accessKeyId = 'AKIAIOSFODNN7EXAMPLE';
	readonly secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
	private readonly multiparts = new Map<string, Multipart>();

	protected respond(call: Call): Answer {
		const { method, url, headers, body } = call;
		this.demandSignature(call);
		this.demand(url.hostname.startsWith(`${this.bucket}.`), 'NoSuchBucket', 404);
		const query = url.searchParams;
		if (method === 'GET' && query.has('location')) {
			return xml(
				`<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${REGION}</LocationConstraint>`,
			);
		}
		const key = decodeURIComponent(url.pathname.slice(1));
		this.demand(key && Buffer.byteLength(key) <= 1_024, 'KeyTooLongError');
		const type = headers['content-type'] ?? '';
		if (method === 'POST' && query.has('uploads')) {
			const id = `upload${this.multiparts.size}`;
			this.multiparts.set(id, { key, type, parts: new Map() });
			return xml(
				`<InitiateMultipartUploadResult><Bucket>${this.bucket}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
			);
		}
		const uploadId = query.get('uploadId');
		if (uploadId !== null) return this.multipart(call, key, uploadId);
		this.demand(method === 'PUT', 'MethodNotAllowed', 405);
		this.demandBody(call);
		this.keep(body, { name: key, type });
		return { status: 200, headers: { etag: etag(body) }, body: '' };
	}

	private multipart(call: Call, key: string, id: string): Answer {
		const upload = this.multiparts.get(id);
		this.demand(upload?.key === key, 'NoSuchUpload', 404);
		const { method, url, body } = call;
		const { parts, type } = upload;
		if (method === 'PUT') {
			const number = Number(url.searchParams.get('partNumber'));
			this.demand(Number.isInteger(number) && number >= 1 && number <= 10_000, 'InvalidArgument');
			this.demandBody(call);
			parts.set(number, body);
			return { status: 200, headers: { etag: etag(body) }, body: '' };
		}
		const inOrder = [...parts].sort(([a], [b]) => a - b);
		if (method === 'GET') {
			const list = inOrder.map(
				([number, part]) =>
					`<Part><PartNumber>${number}</PartNumber><ETag>${etag(part)}</ETag><Size>${part.length}</Size></Part>`,
			);
			return xml(`<ListPartsResult><UploadId>${id}</UploadId>${list.join('')}</ListPartsResult>`);
		}
		this.demand(method === 'POST', 'MethodNotAllowed', 405);
		const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, n]) =>
			Number(n),
		);
		this.demand(named.join() === inOrder.map(([number]) => number).join(), 'InvalidPart');
		for (const [number, part] of inOrder.slice(0, -1)) {
			this.demand(part.length >= SMALLEST_PART, `EntityTooSmall: part ${number}`);
		}
		this.keep(Buffer.concat(inOrder.map(([, part]) => part)), { name: key, type });
		return xml(`<CompleteMultipartUploadResult><Key>${key}</Key></CompleteMultipartUploadResult>`);
	}

	private demandBody({ headers, body }: Call): void {
		this.demand(Number(headers['content-length']) === body.length, 'MissingContentLength', 411);
		const md5 = headers['content-md5'];
		this.demand(md5 === undefined || md5 === hash('md5', body, 'base64'), 'BadDigest');
	}

	/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
	private demandSignature({ method, url, headers, body }: Call): void {
		const [, scope, names, signature] =
			/^AWS4-HMAC-SHA256 Credential=\S+?\/(\d{8}\/\S+?), ?SignedHeaders=(\S+?), ?Signature=(\S+)$/.exec(
				headers.authorization ?? '',
			) ?? [];
		this.demand(scope && names && signature, 'AccessDenied', 403);
		const [day = ''] = scope.split('/');
		this.demand(
			scope === `${day}/${REGION}/${SERVICE}/aws4_request`,
			'AuthorizationHeaderMalformed',
		);
		this.demand(names.split(';').includes('host'), 'SignatureDoesNotMatch', 403);
		const content = headers['x-amz-content-sha256'];
		const isSigned = content !== 'UNSIGNED-PAYLOAD';
		this.demand(!isSigned || content === sha256(body), 'XAmzContentSHA256Mismatch');
		const query = [...url.searchParams]
			.map(([name, value]) => `${encode(name)}=${encode(value)}`)
			.sort()
			.join('&');
		const canonical = [
			method,
			url.pathname
				.split('/')
				.map((part) => encode(decodeURIComponent(part)))
				.join('/'),
			query,
			...names
				.split(';')
				.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
			'',
			names,
			content,
		].join('\n');
		const toSign = [
			'AWS4-HMAC-SHA256',
			headers['x-amz-date'],
			scope,
			sha256(Buffer.from(canonical)),
		];
		const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${this.secretAccessKey}`);
		this.demand(
			hmac(key, toSign.join('\n')).toString('hex') === signature,
			'SignatureDoesNotMatch',
			403,
		);
	}

	protected override refusal(status: number, code: string): Answer {
		return { ...xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`), status };
	}
}

const encode = (text: string) =>
	encodeURIComponent(text).replace(
		/[!'()*]/g,
		(char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
	);
const hmac = (key: string | Buffer, text: string) =>
	createHmac('sha256', key).update(text).digest();
const hash = (name: string, bytes: Buffer, encoding: 'base64' | 'hex') =>
	createHash(name).update(bytes).digest(encoding);
const etag = (bytes: Buffer) => `"${hash('md5', bytes, 'hex')}"`;

function xml(body: string): Answer {
	return {
		status: 200,
		headers: { 'content-type': 'application/xml' },
		body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
	};
}
