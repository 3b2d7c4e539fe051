import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { networkCode } from '../api/network';
import { readReply } from '../api/replies';
import { errorText } from '../errors/errorText';
import { readCredential } from './credential';

/** An id that no request has: asking for it costs nothing. */
const NO_REQUEST = 'n8n-credential-test';
const TIMEOUT_MS = 15_000;

/**
 * Tells a good token from a bad one without spending anything: a read of a request that cannot exist
 * is "not found" for a good token and refused for a bad one.
 */
export async function testCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const { baseUrl, token } = readCredential(credential.data ?? {});
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
		readReply(
			{
				status: response.statusCode,
				headers: {},
				body: typeof body === 'string' ? body : JSON.stringify(body),
			},
			Date.now(),
		);
		return { status: 'OK', message: 'RunComfy accepted the token' };
	} catch (error) {
		return verdict(error);
	}
}

function verdict(error: unknown): INodeCredentialTestResult {
	if (!(error instanceof RunComfyError)) return notChecked(networkCode(error));
	const { kind, facts } = error;
	if (kind === 'notFound') return { status: 'OK', message: 'RunComfy accepted the token' };
	if (kind === 'invalidCredential' || kind === 'unauthorized') {
		const { message, description } = errorText(kind, facts);
		const [remedy] = description.split('\n');
		return { status: 'Error', message: `${message}. ${remedy}` };
	}
	return notChecked(facts.detail ?? `HTTP status ${facts.httpStatus}`);
}

function notChecked(cause: string): INodeCredentialTestResult {
	return {
		status: 'Error',
		message: `The token could not be checked, because RunComfy gave no usable answer (${cause}). Try again later, and check the base URL.`,
	};
}
