import type { ErrorKind } from '../../nodes/shared/api/errors';
import type { FaultName } from '../emulator/faults';
import type { Endpoint } from '../emulator/scenarios';

/** What a user gets when a fault hits an endpoint once: the video, or an error of a kind. */
export interface FaultCell {
	endpoint: Endpoint;
	fault: FaultName;
	/** What comes of an item whose first call of the endpoint meets the fault. */
	once: 'video' | ErrorKind;
	/** How often the paid POST arrives when the fault hits once, taken or not. */
	posts: number;
}

const lost: FaultName[] = [
	'resetBefore',
	'resetAfter',
	'resetDuring',
	'hangBefore',
	'hangAfter',
	'html502',
	'html502After',
	'html200',
	'json500',
	'json503',
	'halfJson',
	'empty200',
	'noRequestId',
	'errorBody200',
	'otherIdIn500',
	'page408',
	'page499',
];
const intercepted: FaultName[] = ['page403', 'page404', 'page407', 'page413', 'redirect'];
const passing: FaultName[] = [
	'resetBefore',
	'resetDuring',
	'hangBefore',
	'html502',
	'html200',
	'json500',
	'json503',
	'halfJson',
	'empty200',
	'errorBody200',
	'throttled',
	'throttledBare',
	...intercepted,
	'page408',
	'page499',
];
const final: Array<[FaultName, ErrorKind]> = [
	['unauthorized', 'unauthorized'],
	['forbidden', 'forbidden'],
	['noBalance', 'insufficientBalance'],
	['noBalance200', 'insufficientBalance'],
	['notFound', 'notFound'],
	['rejected', 'rejected'],
];
/** What a read may meet once without being believed: it is not there yet. */
const early: FaultName[] = ['notFound'];
/** Refusals that name the request that they have made. */
const naming: FaultName[] = ['idIn500', 'idIn400', 'idIn409', 'idIn429', 'locationIn303'];
const media: Array<[FaultName, FaultCell['once']]> = [
	['resetBefore', 'video'],
	['resetDuring', 'video'],
	['short', 'video'],
	['stall', 'video'],
	['hangBefore', 'video'],
	['html502', 'video'],
	['json503', 'video'],
	['throttled', 'video'],
	['long', 'video'],
	['webPage', 'video'],
	['trickle', 'video'],
	['gone', 'video'],
	['notFound', 'video'],
	['redirect', 'downloadRefused'],
];

/** Every fault of every endpoint on the way from a prompt to a video. */
export const FAULT_TABLE: FaultCell[] = [
	...lost.map(
		(fault): FaultCell => ({ endpoint: 'submit', fault, once: 'outcomeUnknown', posts: 1 }),
	),
	...intercepted.map(
		(fault): FaultCell => ({ endpoint: 'submit', fault, once: 'intercepted', posts: 1 }),
	),
	...naming.map((fault): FaultCell => ({ endpoint: 'submit', fault, once: 'video', posts: 1 })),
	{ endpoint: 'submit', fault: 'otherIdIn429', once: 'video', posts: 2 },
	...(['throttled', 'throttledBare'] as const).map(
		(fault): FaultCell => ({ endpoint: 'submit', fault, once: 'video', posts: 2 }),
	),
	...final.map(([fault, once]): FaultCell => ({ endpoint: 'submit', fault, once, posts: 1 })),
	...(['status', 'result'] as const).flatMap((endpoint): FaultCell[] => [
		...passing.map((fault): FaultCell => ({ endpoint, fault, once: 'video', posts: 1 })),
		...final.map(
			([fault, once]): FaultCell => ({
				endpoint,
				fault,
				// A refused result may only mean that it is not there yet.
				once:
					early.includes(fault) || (endpoint === 'result' && once === 'rejected') ? 'video' : once,
				posts: 1,
			}),
		),
	]),
	...media.map(([fault, once]): FaultCell => ({ endpoint: 'media', fault, once, posts: 1 })),
];
