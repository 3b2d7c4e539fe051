import { sleep } from 'n8n-workflow';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';

const MB = 1_048_576;

/**
 * n8n's store of binary data in its database (2.41.1), with a map for the database: the real one is in
 * n8n's server, and not in its engine. It reads a stream to its end before it checks it, and refuses
 * with the same message.
 */
export class MemoryDatabase {
	readonly rows = new Map<string, Buffer>();

	/**
	 * @param largestMb N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE
	 * @param insertMs how long the database takes
	 */
	constructor(
		private readonly largestMb = 512,
		private readonly insertMs: number | 'never' = 0,
	) {}

	async store(
		_location: unknown,
		file: Readable | Buffer,
		{ fileName }: { fileName?: string },
	): Promise<{ fileId: string; fileSize: number }> {
		const data = Buffer.isBuffer(file) ? file : await readAll(file);
		const fileId = randomUUID();
		if (data.length > this.largestMb * MB) {
			throw new Error(
				`Failed to write binary file "${fileName}" (${fileId}) because its size of ${data.length / MB} MB exceeds the max size limit of ${this.largestMb} MB set for \`database\` mode. Consider increasing \`N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE\` up to 1 GB, or using S3 storage mode if you require writes larger than 1 GB.`,
			);
		}
		await (this.insertMs === 'never' ? new Promise(() => undefined) : sleep(this.insertMs));
		this.rows.set(fileId, data);
		return { fileId, fileSize: data.length };
	}

	async getAsBuffer(fileId: string): Promise<Buffer> {
		const data = this.rows.get(fileId);
		if (!data) throw new Error(`There is no file ${fileId}`);
		return await Promise.resolve(data);
	}

	async getAsStream(fileId: string): Promise<Readable> {
		return Readable.from(await this.getAsBuffer(fileId));
	}

	async getMetadata(fileId: string): Promise<{ fileSize: number }> {
		return { fileSize: (await this.getAsBuffer(fileId)).length };
	}
}

async function readAll(stream: Readable): Promise<Buffer> {
	const chunks: Buffer[] = [];
	return await new Promise((resolve, reject) => {
		stream.on('data', (chunk: Buffer) => chunks.push(chunk));
		stream.once('end', () => resolve(Buffer.concat(chunks)));
		stream.once('error', reject);
		stream.once('close', () => reject(new Error('Stream closed before completing')));
	});
}
