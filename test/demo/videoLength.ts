/**
 * Reads how long an mp4 plays, in seconds, from its movie header (ISO/IEC 14496-12, 8.2.2).
 *
 * @throws Error when the bytes are no mp4
 */
export function videoLength(mp4: Buffer): number {
	const at = mp4.indexOf('mvhd') + 4;
	if (at < 4) throw new Error('not an mp4: it has no movie header');
	const wide = mp4[at] === 1;
	const timescale = mp4.readUInt32BE(at + (wide ? 20 : 12));
	const duration = wide ? Number(mp4.readBigUInt64BE(at + 24)) : mp4.readUInt32BE(at + 16);
	return duration / timescale;
}
