import type { ErrorFacts, ErrorKind } from '../api/errors';

const MINUTE_MS = 60_000;

/** What an error says: what happened, and what to do next. */
export interface ErrorText {
	message: string;
	description: string;
}

const PICK_UP =
	'The request is not lost: run a Kling Video node with the operation Get Result and this request ID.';
const NOT_CHARGED = 'Nothing was started and nothing is charged.';
const DOWNLOAD_AGAIN =
	'The video is made and paid for. Download it from the URL, or run Get Result with the request ID, which gives a fresh link.';

/**
 * The words for every kind of error. The message stays free of codes, ids and URLs, because n8n
 * (2.41.1) replaces messages that contain certain codes; they follow in the description, as does the
 * detail unless the text tells it itself.
 */
const TEXTS: Record<ErrorKind, (facts: ErrorFacts) => ErrorText & { tellsDetail?: true }> = {
	invalidInput: ({ detail }) => ({
		message: detail ?? 'The input is not valid',
		description: `Correct the field and run again. ${NOT_CHARGED}`,
		tellsDetail: true,
	}),
	invalidCredential: ({ detail }) => ({
		message: `The RunComfy API credential cannot be used. ${detail}`,
		description: 'Open the credential and correct it. Nothing was sent.',
		tellsDetail: true,
	}),
	unauthorized: ({ model }) => ({
		message: 'RunComfy refused the API token',
		description: `The token is wrong, expired or revoked, or the account is not active. Open the RunComfy API credential, paste a token from your RunComfy profile and test it. ${model ? NOT_CHARGED : PICK_UP}`,
	}),
	insufficientBalance: ({ model }) => ({
		message: 'The RunComfy account has not enough balance',
		description: model
			? `Add funds to your RunComfy account, then run again. ${NOT_CHARGED}`
			: `Add funds to your RunComfy account. ${PICK_UP}`,
	}),
	forbidden: ({ model }) =>
		model
			? {
					message: 'The RunComfy account may not use this model',
					description: `Choose another model, or use the credential of an account that may: ${model}. ${NOT_CHARGED}`,
				}
			: {
					message: 'This request belongs to another RunComfy account',
					description: 'Use the credential of the account that submitted it.',
				},
	notFound: ({ model }) =>
		model
			? {
					message: 'RunComfy does not know this model',
					description: `Choose a model from the list, or check the ID in the expression: ${model}. ${NOT_CHARGED}`,
				}
			: {
					message: 'RunComfy does not know this request',
					description:
						'Check the request ID. It may be mistyped, deleted or expired, or be of another environment than the credential.',
				},
	rejected: ({ model }) => ({
		message: model ? 'RunComfy refused the input' : 'RunComfy refused the call',
		description: model
			? `Change the input as RunComfy says, then run again. ${NOT_CHARGED}`
			: 'Check the request ID and the base URL of the credential.',
	}),
	intercepted: ({ model }) => ({
		message: 'A server on the way to RunComfy answered in its place',
		description: `The answer is not RunComfy’s: it comes from a proxy, a firewall or another server, and the call did not get through. ${
			model ? NOT_CHARGED : `It was tried again until its time was over. ${PICK_UP}`
		} Check the network of n8n and the base URL of the credential, then run again.`,
	}),
	throttled: ({ model, retryAfterMs, leftMs }) => ({
		message: 'RunComfy takes no more requests at the moment',
		description: [
			retryAfterMs !== undefined &&
				leftMs !== undefined &&
				`RunComfy asks to wait ${duration(retryAfterMs)}, but only ${duration(leftMs)} of the time for it are left.`,
			model ? NOT_CHARGED : PICK_UP,
			'Run again later, or lower Max Concurrency.',
		]
			.filter(Boolean)
			.join(' '),
	}),
	notSent: () => ({
		message: 'RunComfy could not be reached, so nothing was sent',
		description: `Check the base URL of the credential and the network of n8n, then run again. ${NOT_CHARGED}`,
	}),
	outcomeUnknown: ({ requestId }) => ({
		message: 'The answer to the paid request was lost, so its outcome is unknown',
		description: `${
			requestId
				? 'The answer was an error that names a request ID: run Get Status with it, and look'
				: 'Look'
		} at your Generations on RunComfy before you run this again: the video may be in the making. If it is there, Get Result fetches it with its request ID. Nothing was repeated, and a retry of this execution will not send it again; only a new execution does.`,
	}),
	unavailable: () => ({
		message: 'RunComfy gave no usable answer',
		description: `The call was tried again until its time was over. ${PICK_UP}`,
	}),
	failed: () => ({
		message: 'RunComfy could not make this video',
		description:
			'The run failed at RunComfy. Its words, if it gave any, stand below. Change the prompt or the settings, then run again.',
	}),
	cancelled: () => ({
		message: 'The request was cancelled at RunComfy',
		description: 'There is no video. Run again to make it.',
	}),
	notSubmitted: () => ({
		message: 'The maximum wait was over before the request could be submitted',
		description: `${NOT_CHARGED} Raise Maximum Wait (Minutes), or run fewer items at a time.`,
	}),
	timedOut: ({ waitedMs }) => ({
		message: `The video was not ready within ${duration(waitedMs)}`,
		description: `It is still in the making. ${PICK_UP} Or raise Maximum Wait (Minutes).`,
	}),
	stopped: ({ requestId }) => ({
		message: 'The execution was stopped',
		description: `What is still queued is being cancelled; what is already running will finish and be charged. ${requestId ? PICK_UP : 'The log of n8n and your Generations on RunComfy say which.'}`,
	}),
	noMedia: () => ({
		message: 'The request is completed but its output names no file',
		description: 'Look at the request in your Generations on RunComfy.',
	}),
	downloadRefused: ({ detail }) => ({
		message: 'The file was not downloaded because its address is not allowed',
		description: `${capital(detail)}. If you trust it, add its host to Allowed Download Hosts. ${DOWNLOAD_AGAIN}`,
		tellsDetail: true,
	}),
	downloadTooLarge: ({ detail }) => ({
		message: 'The file was not downloaded because it is too large',
		description: `It is ${detail}: raise Maximum File Size (MB). ${DOWNLOAD_AGAIN}`,
		tellsDetail: true,
	}),
	downloadFailed: () => ({
		message: 'The file could not be downloaded',
		description: DOWNLOAD_AGAIN,
	}),
	catalogUnavailable: ({ model }) => ({
		message: 'RunComfy’s model catalog could not be read',
		description: `${model ? `The inputs of the model could not be checked, so nothing was sent: ${model}. ` : ''}${NOT_CHARGED} Run again later. To run without the catalog, choose By ID, then Specify Inputs → Using JSON, and turn Check Inputs off.`,
	}),
	storeFailed: ({ detail = '' }) => ({
		message: 'n8n could not store the file',
		description: `${storeRemedy(detail)} The video is made and paid for: then run Get Result with the request ID, or use the URL.`,
	}),
};

/** What to do about an error of n8n's binary store, by its own words. */
const STORE_REMEDIES: Array<[RegExp, string]> = [
	[
		/DATABASE_MAX_FILE_SIZE/,
		'It is larger than n8n takes into its database. Raise N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE, in MB, or keep binary data elsewhere with N8N_DEFAULT_BINARY_DATA_MODE=filesystem.',
	],
	[
		/ENOSPC|EDQUOT|_FULL\b/,
		'The disk that n8n keeps binary data on is full. Make room there, or move it with N8N_BINARY_DATA_STORAGE_PATH.',
	],
	[
		/EACCES|EPERM|EROFS|ENOENT|ENOTDIR/,
		'n8n cannot write to its folder for binary data. See that it is there and that the user of n8n may write to it, or name another one with N8N_BINARY_DATA_STORAGE_PATH.',
	],
	[
		/string longer than|allocation/i,
		'n8n keeps binary data in memory, and the file is too large for that. Keep it on disk with N8N_DEFAULT_BINARY_DATA_MODE=filesystem.',
	],
];

function storeRemedy(detail: string): string {
	const known = STORE_REMEDIES.find(([words]) => words.test(detail));
	return known?.[1] ?? "Look into n8n's log and at its settings for binary data.";
}

/**
 * Words an error for the user.
 *
 * @param facts cleaned of token and prompts
 */
export function errorText(kind: ErrorKind, facts: ErrorFacts): ErrorText {
	const { message, description, tellsDetail } = TEXTS[kind](facts);
	const { requestId, status, httpStatus, errorCode, detail, url, alsoRunning, alsoUnknown } = facts;
	const lines = [
		description,
		requestId && `Request ID: ${requestId}`,
		status && `Last status: ${status}`,
		url && `URL: ${url}`,
		detail && !tellsDetail && `Cause: ${detail}`,
		httpStatus && `HTTP status: ${httpStatus}`,
		errorCode && `RunComfy error code: ${errorCode}`,
		alsoRunning?.length &&
			`Other requests of this run, which a retry picks up without paying again: ${alsoRunning.join(', ')}`,
		alsoUnknown?.length &&
			`The outcome of other paid requests of this run is unknown, so look at your Generations on RunComfy before you run these again: ${alsoUnknown.join(', ')}`,
	];
	return { message, description: lines.filter(Boolean).join('\n') };
}

function duration(ms = 0): string {
	if (ms < MINUTE_MS) return amount(Math.round(ms / 1_000), 'second');
	if (ms < 120 * MINUTE_MS) return amount(Math.round((10 * ms) / MINUTE_MS) / 10, 'minute');
	return amount(Math.round(ms / (6 * MINUTE_MS)) / 10, 'hour');
}

function amount(value: number, unit: string): string {
	return `${value} ${unit}${value === 1 ? '' : 's'}`;
}

function capital(text = ''): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
