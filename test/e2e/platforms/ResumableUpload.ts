/** The unit of Google's resumable uploads, in bytes: only the last chunk may end within one. */
const UNIT = 256 * 1024;

/** The answer to a chunk: what was taken so far, or the whole file. */
export type ChunkAnswer = { fault: string } | { taken: number } | { whole: Buffer };

/**
 * One resumable upload to Google, by its rules for Content-Range.
 *
 * https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol,
 * https://developers.google.com/workspace/drive/api/guides/manage-uploads
 */
export class ResumableUpload<About> {
	private readonly chunks: Buffer[] = [];
	private taken = 0;

	/** @param total the size that was announced when the upload began, if it was, in bytes */
	constructor(
		readonly about: About,
		private total?: number,
	) {}

	put(range: string | undefined, length: string | undefined, chunk: Buffer): ChunkAnswer {
		const parts = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range ?? '');
		if (!parts) return { fault: `Content-Range ${range}` };
		const [first, last, total] = parts.slice(1).map(Number) as [number, number, number];
		this.total ??= total;
		if (Number(length) !== chunk.length) return { fault: `Content-Length ${length}` };
		if (total !== this.total) return { fault: `total ${total}, but ${this.total} was announced` };
		if (first !== this.taken) return { fault: `${range}, but ${this.taken} bytes are there` };
		if (last - first + 1 !== chunk.length) return { fault: `${range} for ${chunk.length} bytes` };
		if (last >= total) return { fault: `${range} goes beyond the end` };
		if (last + 1 < total && chunk.length % UNIT !== 0) {
			return { fault: `a chunk of ${chunk.length} bytes is no multiple of 256 KiB` };
		}
		this.chunks.push(chunk);
		this.taken += chunk.length;
		return this.taken < total ? { taken: this.taken } : { whole: Buffer.concat(this.chunks) };
	}
}
