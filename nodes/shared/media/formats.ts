import type { MediaKind } from './media';

/** What a file is: its MIME type, and the ending its name gets. */
export interface MediaType {
	mimeType: string;
	ending: string;
	/** What there must be in the file, if it is built as an mp4 is. */
	holds?: 'movie' | 'picture';
}

export interface Format {
	kind: MediaKind;
	/** The registered type first, then what servers say too. */
	mimeTypes: [string, ...string[]];
	/** The usual ending first. */
	endings: [string, ...string[]];
	/** What there must be in the file, for a format that is built as an mp4 is. */
	holds?: 'movie' | 'picture';
}

/** The formats of media files, each under its usual ending. */
export const FORMATS = {
	mp4: {
		kind: 'video',
		mimeTypes: ['video/mp4', 'application/mp4'],
		endings: ['mp4'],
		holds: 'movie',
	},
	m4v: { kind: 'video', mimeTypes: ['video/x-m4v'], endings: ['m4v'], holds: 'movie' },
	mov: { kind: 'video', mimeTypes: ['video/quicktime'], endings: ['mov', 'qt'], holds: 'movie' },
	'3gp': {
		kind: 'video',
		mimeTypes: ['video/3gpp', 'video/3gpp2'],
		endings: ['3gp', '3g2'],
		holds: 'movie',
	},
	webm: { kind: 'video', mimeTypes: ['video/webm'], endings: ['webm'] },
	mkv: { kind: 'video', mimeTypes: ['video/x-matroska', 'video/matroska'], endings: ['mkv'] },
	avi: { kind: 'video', mimeTypes: ['video/x-msvideo', 'video/avi'], endings: ['avi'] },
	ogv: { kind: 'video', mimeTypes: ['video/ogg'], endings: ['ogv'] },
	ts: { kind: 'video', mimeTypes: ['video/mp2t'], endings: ['ts'] },
	mpg: { kind: 'video', mimeTypes: ['video/mpeg'], endings: ['mpg', 'mpeg'] },
	flv: { kind: 'video', mimeTypes: ['video/x-flv'], endings: ['flv'] },
	png: { kind: 'image', mimeTypes: ['image/png'], endings: ['png'] },
	jpg: { kind: 'image', mimeTypes: ['image/jpeg', 'image/jpg'], endings: ['jpg', 'jpeg'] },
	gif: { kind: 'image', mimeTypes: ['image/gif'], endings: ['gif'] },
	webp: { kind: 'image', mimeTypes: ['image/webp'], endings: ['webp'] },
	avif: { kind: 'image', mimeTypes: ['image/avif'], endings: ['avif'], holds: 'picture' },
	heic: {
		kind: 'image',
		mimeTypes: ['image/heic', 'image/heif'],
		endings: ['heic', 'heif'],
		holds: 'picture',
	},
	bmp: { kind: 'image', mimeTypes: ['image/bmp', 'image/x-ms-bmp'], endings: ['bmp'] },
	tif: { kind: 'image', mimeTypes: ['image/tiff'], endings: ['tif', 'tiff'] },
	mp3: { kind: 'audio', mimeTypes: ['audio/mpeg', 'audio/mp3'], endings: ['mp3'] },
	m4a: {
		kind: 'audio',
		mimeTypes: ['audio/mp4', 'audio/x-m4a', 'audio/m4a'],
		endings: ['m4a'],
		holds: 'movie',
	},
	aac: { kind: 'audio', mimeTypes: ['audio/aac', 'audio/x-aac'], endings: ['aac'] },
	wav: { kind: 'audio', mimeTypes: ['audio/wav', 'audio/x-wav', 'audio/wave'], endings: ['wav'] },
	ogg: { kind: 'audio', mimeTypes: ['audio/ogg', 'audio/opus'], endings: ['ogg', 'oga', 'opus'] },
	flac: { kind: 'audio', mimeTypes: ['audio/flac', 'audio/x-flac'], endings: ['flac'] },
	weba: { kind: 'audio', mimeTypes: ['audio/webm'], endings: ['weba'] },
	mka: { kind: 'audio', mimeTypes: ['audio/x-matroska'], endings: ['mka'] },
	aiff: {
		kind: 'audio',
		mimeTypes: ['audio/aiff', 'audio/x-aiff'],
		endings: ['aiff', 'aif'],
	},
} satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

/** The table with its entries seen alike. */
export const ALL_FORMATS = Object.values<Format>(FORMATS);

/** What a file of a format is called. */
export function typeOf({ mimeTypes: [mimeType], endings: [ending], holds }: Format): MediaType {
	return { mimeType, ending, ...(holds && { holds }) };
}
