import type { ErrorFacts, ErrorKind } from '../api/errors';
import type { Target } from '../api/routes';

const MINUTE_MS = 60_000;
const LONGEST_CAUSE_IN_MESSAGE = 160;

export interface ErrorText {
	message: string;
	/** Plain text, a line for each fact. */
	description: string;
}

type Words = ErrorText & { tellsDetail?: boolean };

/** What RunComfy calls an error code, such as `UserAccountError`: it belongs to the code, and explains nothing. */
const CODE_NAME = /^(?:[A-Z][a-z]+){2,}$/;

const PICK_UP =
	"The request is not lost: collect it with the operation 'Get Request Result' and its request ID.";
/** What was sent for the item: nothing, but an earlier try may have. */
function notSent({ earlierTry, alsoRunning }: ErrorFacts, otherwise = NOT_STARTED): string {
	if (earlierTry) return `This try sent nothing for this item. ${PICK_UP}`;
	return alsoRunning?.length ? 'Nothing new was started or charged for this item.' : otherwise;
}
const NOT_STARTED = 'Nothing was started or charged.';

/** Where a person sees what RunComfy has run and charged. */
export const IN_RUNCOMFY: Record<Target, string> = {
	model: 'Generations in RunComfy',
	deployment: 'the requests of the deployment in RunComfy',
};
const seen = (target: Target) => `${IN_RUNCOMFY[target]} (https://www.runcomfy.com/profile)`;
const PAID_AGAIN = 'This starts a new billed request.';

/** What is known of the money for a request that has ended. */
function charged({ costUsd }: ErrorFacts, target: Target): string {
	if (target === 'deployment') return 'RunComfy bills the machine time that it took.';
	if (costUsd === undefined)
		return `RunComfy does not say whether it was charged: see ${seen('model')}.`;
	return costUsd === 0
		? 'RunComfy charged nothing for it.'
		: `RunComfy charged $${costUsd} for it.`;
}

const downloadAgain = (media: string) =>
	`The ${media} is finished and paid for. Download it from the URL, or use 'Get Request Result' with the request ID, which is free and returns a fresh link.`;

/**
 * Words that n8n (2.41.1) does not leave in a message: it replaces the whole message for an error code
 * in it (`COMMON_ERRORS` of n8n-workflow), and takes `canceled` for the end of the execution.
 */
const CHANGED_BY_N8N =
	/ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|ERRADDRINUSE|EADDRNOTAVAIL|ECONNABORTED|EHOSTUNREACH|EAI_AGAIN|ENOENT|EISDIR|ENOTDIR|EACCES|EEXIST|EPERM|GETADDRINFO|canceled/i;

function because(message: string, detail: string | undefined, description: string): Words {
	const fits =
		detail !== undefined &&
		detail.length <= LONGEST_CAUSE_IN_MESSAGE &&
		!CHANGED_BY_N8N.test(detail);
	return fits
		? { message: `${message}: ${detail.replace(/\.$/, '')}`, description, tellsDetail: true }
		: { message, description };
}

const TEXTS: Record<ErrorKind, (facts: ErrorFacts, media: string, target: Target) => Words> = {
	invalidInput: (facts) => ({
		message: facts.detail ?? 'The input is not valid',
		description: `Correct the field and run again. ${notSent(facts, 'Nothing was sent for this item.')}`,
		tellsDetail: true,
	}),
	invalidCredential: (facts) => ({
		message: `The RunComfy API credential cannot be used: ${facts.detail}`,
		description: `Open the credential and correct it. ${notSent(facts, 'Nothing was sent.')}`,
		tellsDetail: true,
	}),
	unauthorized: ({ model, ...facts }) => ({
		message: 'RunComfy rejected the API token',
		description: `The token is wrong, expired or revoked, or the account is inactive. Copy the token from https://www.runcomfy.com/profile into the RunComfy API credential and test it. ${model === undefined ? PICK_UP : notSent(facts)}`,
	}),
	insufficientBalance: ({ model, ...facts }, _, target) => ({
		message: 'Your RunComfy balance is too low',
		description: model
			? `Add funds to your RunComfy account, ${target === 'deployment' ? 'enable the deployment again on its page, ' : ''}then run again. ${notSent(facts)}`
			: `Add funds to your RunComfy account. ${PICK_UP}`,
	}),
	forbidden: ({ model, ...facts }, _, target) =>
		model
			? {
					message: `Your RunComfy account cannot use this ${target}`,
					description: `Choose another ${target}, or use the credential of an account that has access to ${model}. ${notSent(facts)}`,
				}
			: {
					message: 'This request belongs to another RunComfy account',
					description: `Use the credential of the account that submitted it${target === 'deployment' ? ', and the ID of the deployment that ran it' : ''}.`,
				},
	disabled: ({ model, ...facts }) => ({
		message: 'This deployment is disabled in RunComfy',
		description: `Enable it on its page in RunComfy${model ? ', then run again' : ''}. RunComfy disables a deployment when the balance runs out. ${model ? notSent(facts) : PICK_UP}`,
	}),
	notFound: ({ model, ...facts }, _, target) =>
		model
			? {
					message: `RunComfy does not know this ${target}`,
					description: `Choose a ${target} from the list, or correct the ${target} ID: ${model}. ${notSent(facts)}`,
				}
			: {
					message: 'RunComfy does not know this request',
					description: `${target === 'deployment' ? 'Check the request ID and the deployment ID. The request or its deployment' : 'Check the request ID. The request'} may be deleted or expired, or belong to a different environment than the credential.`,
				},
	rejected: ({ model, detail, ...facts }, _, target) =>
		model
			? because(
					'RunComfy rejected the input',
					detail,
					`Change the input and run again. ${notSent(facts)}`,
				)
			: because(
					'RunComfy reports an error for this request',
					detail,
					`Check the request under ${seen(target)}. If it goes on there or is finished, collect it with the operation 'Get Request Result' and its request ID.`,
				),
	intercepted: ({ model, ...facts }) => ({
		message: 'Another server answered instead of RunComfy',
		description: `The reply came from a proxy, a firewall or another server, so the call did not get through. Check the network of n8n and the base URL of the credential. ${model ? `Then run again. ${notSent(facts)}` : PICK_UP}`,
	}),
	throttled: ({ model, retryAfterMs, leftMs, ...facts }) => ({
		message: 'RunComfy is limiting requests right now',
		description: [
			retryAfterMs !== undefined &&
				leftMs !== undefined &&
				`RunComfy asked to wait ${duration(retryAfterMs)}, longer than the ${duration(leftMs)} that remained.`,
			model ? `${notSent(facts)} Run again later,` : `${PICK_UP} To make fewer calls at a time,`,
			`${model ? 'or ' : ''}lower 'Maximum Concurrency'.`,
		]
			.filter(Boolean)
			.join(' '),
	}),
	notSent: (facts) => ({
		message: 'RunComfy could not be reached',
		description: `Check the base URL of the credential and the network of n8n, then run again. ${notSent(facts)}`,
	}),
	outcomeUnknown: ({ requestId }, media, target) => ({
		message: `RunComfy's reply was lost, so the ${media} may already have been submitted`,
		description: `Check ${seen(target)} before you run this again, or you may pay twice. ${
			requestId ? "The reply named a request ID: check it with 'Get Request Status' too. " : ''
		}If the request is there, collect it with 'Get Request Result'. A retry of this execution does not send it again; a new execution does, and so does a retry of a workflow that called this one.`,
	}),
	unavailable: () => ({
		message: 'RunComfy did not return a usable reply',
		description: PICK_UP,
	}),
	failed: (facts, media, target) =>
		because(
			`RunComfy couldn't generate the ${media}`,
			facts.detail,
			`${facts.detail ? '' : 'RunComfy gave no reason. '}${charged(facts, target)} Change the prompt or settings and run again. ${PAID_AGAIN}`,
		),
	cancelled: (facts, media, target) => ({
		message: 'The request was cancelled in RunComfy',
		description: `${charged(facts, target)} To get the ${media}, run again. ${PAID_AGAIN}`,
	}),
	notSubmitted: (facts) => ({
		message: 'The request could not be submitted within the maximum wait',
		description: `${notSent(facts)} Increase 'Maximum Wait (Minutes)', or run fewer items at a time.`,
	}),
	timedOut: ({ waitedMs }, media, target) => ({
		message: `The ${media} was not ready within ${duration(waitedMs)}`,
		description: `The request continues in RunComfy, which charges for ${target === 'model' ? 'it when it finishes' : 'its machine time'}. Collect the ${media} with the operation 'Get Request Result' and its request ID. To wait longer next time, increase 'Maximum Wait (Minutes)'.`,
	}),
	stopped: ({ requestId }, _, target) => ({
		message: 'The execution was stopped',
		description: `Check ${seen(target)}: a queued request is cancelled if 'Cancel on Stop' is on, and a running one ${target === 'model' ? 'finishes and is charged' : 'too'}.${requestId ? ` ${PICK_UP}` : ''}`,
	}),
	noMedia: (facts, _, target) =>
		because(
			'RunComfy returned no file',
			facts.detail,
			`The request is completed, but names no file. ${charged(facts, target)}`,
		),
	downloadRefused: ({ detail }, media) => ({
		message: 'The file was not downloaded because its address is not allowed',
		description: `${capital(detail)}. ${downloadAgain(media)}`,
		tellsDetail: true,
	}),
	downloadTooLarge: ({ detail }, media) => ({
		message: 'The file was not downloaded because it is too large',
		description: `It is ${detail}. Increase 'Maximum File Size (MB)'. ${downloadAgain(media)}`,
		tellsDetail: true,
	}),
	downloadFailed: (_, media) => ({
		message: 'The file could not be downloaded',
		description: downloadAgain(media),
	}),
	catalogUnavailable: ({ model, ...facts }, _, target) => ({
		message:
			target === 'model'
				? "RunComfy's model catalog could not be read"
				: 'The deployment could not be read from RunComfy',
		description: `${model ? `The inputs of ${model} could not be checked. ` : ''}${notSent(facts)} Run again later.${target === 'model' ? " To run without the catalog, choose By ID, then Specify Inputs → Using JSON, and turn 'Check Inputs' off." : ''}`,
	}),
	storeFailed: ({ detail = '' }, media) => ({
		message: 'n8n could not store the file',
		description: `${storeRemedy(detail)} The ${media} is finished and paid for: then use 'Get Request Result' with the request ID, or download it from the URL.`,
	}),
};

const STORE_REMEDIES: Array<[RegExp, string]> = [
	[
		/DATABASE_MAX_FILE_SIZE/,
		"The file is larger than n8n's database takes. Increase N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE (in MB), or set N8N_DEFAULT_BINARY_DATA_MODE=filesystem.",
	],
	[
		/ENOSPC|EDQUOT|_FULL\b/,
		"The disk for n8n's binary data is full. Free some space, or move the data with N8N_BINARY_DATA_STORAGE_PATH.",
	],
	[
		/EACCES|EPERM|EROFS|ENOENT|ENOTDIR/,
		'n8n cannot write to its folder for binary data. Make sure that the folder exists and is writable, or choose another one with N8N_BINARY_DATA_STORAGE_PATH.',
	],
	[
		/string longer than|allocation/i,
		'n8n keeps binary data in memory, and the file is too large for that. Set N8N_DEFAULT_BINARY_DATA_MODE=filesystem.',
	],
];

function storeRemedy(detail: string): string {
	const known = STORE_REMEDIES.find(([words]) => words.test(detail));
	return known?.[1] ?? "Check n8n's log and its settings for binary data.";
}

/**
 * The message is free of codes, IDs and URLs, which follow in the description.
 *
 * @param facts cleaned of prompts
 */
export function errorText(
	kind: ErrorKind,
	facts: ErrorFacts,
	media: string,
	target: Target = 'model',
): ErrorText {
	const { message, description, tellsDetail } = TEXTS[kind](facts, media, target);
	const { requestId, deploymentId, status, result, httpStatus, errorCode, detail, url } = facts;
	const isCodeName = errorCode !== undefined && CODE_NAME.test(detail ?? '');
	const lines = [
		detail && !tellsDetail && !isCodeName && `Cause: ${detail}`,
		description,
		requestId && `Request ID: ${requestId}`,
		deploymentId && `Deployment ID: ${deploymentId}`,
		status && `Last status: ${status}`,
		result && `Result: ${result}`,
		url && `URL: ${url}`,
		httpStatus && `HTTP status: ${httpStatus}`,
		errorCode && `RunComfy code: ${errorCode}${isCodeName && !tellsDetail ? ` (${detail})` : ''}`,
		...othersText(facts, target),
	];
	return { message, description: lines.filter(Boolean).join('\n') };
}

/** What an error says of the other requests of its run, a line each. */
export function othersText(
	{ alsoRunning = [], alsoUnknown = [] }: ErrorFacts,
	target: Target = 'model',
): string[] {
	return [
		alsoRunning.length > 0 &&
			`Other requests of this run: ${alsoRunning.join(', ')}. n8n's Retry of this execution collects them without paying again while their input is the same; a new execution pays for new ones, and so does a retry of a workflow that called this one.`,
		alsoUnknown.length > 0 &&
			`Replies were also lost for ${alsoUnknown.join(', ')}: check ${seen(target)} before you run these again.`,
	].filter((line) => line !== false);
}

function duration(ms = 0): string {
	if (ms < MINUTE_MS) return amount(Math.round(ms / 1_000), 'second');
	if (ms < 120 * MINUTE_MS) return amount(Math.round((10 * ms) / MINUTE_MS) / 10, 'minute');
	return amount(Math.round(ms / (6 * MINUTE_MS)) / 10, 'hour');
}

function amount(value: number, unit: string): string {
	return `${value} ${unit}${value === 1 ? '' : 's'}`;
}

export function capital(text = ''): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

const ESCAPED: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	// n8n turns what is between two of these into code.
	'`': '&#96;',
};

/** Text that is rendered as HTML and shows as it is. */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"`]/g, (character) => ESCAPED[character] ?? '');
}

/** A description as n8n's editor renders it (2.41.1): as HTML, in which a line break is none. URLs become links. */
export function asHtml(text: string): string {
	return escapeHtml(text)
		.replace(/https?:\/\/[^\s<]*[^\s<.,;:)]/g, '<a href="$&" target="_blank">$&</a>')
		.replaceAll('\n', '<br>');
}
