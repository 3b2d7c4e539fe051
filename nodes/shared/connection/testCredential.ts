import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { networkCode } from '../api/network';
import { readReply, readState, requestIdOf } from '../api/replies';
import { capital } from '../errors/errorText';
import { redact } from '../errors/redact';
import { readCredential } from './credential';

const NO_REQUEST = 'n8n-credential-test';
/** The `error_code`s with which RunComfy refuses a request that is not there, or not the account's own. */
const NO_SUCH_REQUEST = new Set([400001, 403001, 404001]);
const TIMEOUT_MS = 15_000;

const ACCEPTED: INodeCredentialTestResult = {
	status: 'OK',
	message: 'RunComfy accepted the token',
};

/**
 * A read of a request that cannot exist costs nothing, is "not found" from RunComfy for a good token, and refused
 * for a bad one. Anything else proves nothing, above all a "not found" of another server.
 */
export async function testCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { data = {} } = credential;
	try {
		readCredential(data, 'deployment');
		const { baseUrl, token } = readCredential(data);
		// The only HTTP function that n8n gives to a credential test (2.41.1).
		const { request } = this.helpers;
		const response = await request({
			method: 'GET',
			uri: `${baseUrl}/v1/requests/${NO_REQUEST}/status`,
			headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' },
			simple: false,
			resolveWithFullResponse: true,
			followRedirect: false,
			timeout: TIMEOUT_MS,
		});
		const body: unknown = response.body;
		const reply = readReply(
			{
				status: response.statusCode,
				headers: {},
				body: typeof body === 'string' ? body : JSON.stringify(body ?? ''),
			},
			Date.now(),
		);
		const isStatus = requestIdOf(reply) === NO_REQUEST || readState(reply).state === 'unfinished';
		return isStatus ? ACCEPTED : notRunComfy('an answer that is no status');
	} catch (error) {
		return verdict(error, String(data.apiToken).trim());
	}
}

function verdict(error: unknown, token: string): INodeCredentialTestResult {
	if (!(error instanceof RunComfyError)) return notChecked(networkCode(error));
	const { kind, facts } = error;
	if (NO_SUCH_REQUEST.has(facts.errorCode ?? 0)) return ACCEPTED;
	if (kind === 'invalidCredential') return refused(`${capital(facts.detail)}.`);
	if (kind === 'unauthorized') {
		return refused(
			"RunComfy rejected this token. Check that you copied the whole token from your RunComfy profile, and that it hasn't been replaced or revoked.",
		);
	}
	const status = facts.httpStatus && `HTTP status ${facts.httpStatus}`;
	const cause = redact([status, facts.detail].filter(Boolean).join(': '), [token]);
	const isElsewhere = kind === 'notFound' || kind === 'intercepted' || kind === 'rejected';
	return isElsewhere ? notRunComfy(cause) : notChecked(cause);
}

function notRunComfy(cause: string): INodeCredentialTestResult {
	return refused(
		`The base URL does not lead to RunComfy's API (${cause}), so the token could not be checked. Correct the base URL, or ask your network administrator about a proxy in between.`,
	);
}

function notChecked(cause: string): INodeCredentialTestResult {
	return refused(
		`RunComfy could not be reached (${cause}), so the token could not be checked. Check the base URL, or try again later.`,
	);
}

function refused(message: string): INodeCredentialTestResult {
	return { status: 'Error', message };
}
