import type { Credentials, PackageDirectoryLoader } from 'n8n-core';
import {
	ICredentialsHelper,
	type ICredentialDataDecryptedObject,
	type ICredentials,
	type IHttpRequestOptions,
	type INodeCredentialsDetails,
	type INodeProperties,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

/**
 * The part of n8n's credentials service that lies outside n8n-core: which credential has which id.
 * They are stored encrypted and decrypted with n8n-core's own cipher.
 */
export class StoredCredentials extends ICredentialsHelper {
	private readonly byId = new Map<string, Credentials>();

	constructor(private readonly loader: PackageDirectoryLoader) {
		super();
	}

	save(credential: Credentials): void {
		this.byId.set(String(credential.id), credential);
	}

	async getCredentials({ id }: INodeCredentialsDetails): Promise<ICredentials> {
		const credential = this.byId.get(String(id));
		if (!credential) throw new Error(`No credential has the id ${id}`);
		return credential;
	}

	async getDecrypted(
		_additionalData: IWorkflowExecuteAdditionalData,
		details: INodeCredentialsDetails,
	): Promise<ICredentialDataDecryptedObject> {
		return (
			await this.getCredentials(details)
		).getData() as Promise<ICredentialDataDecryptedObject>;
	}

	getCredentialsProperties(type: string): INodeProperties[] {
		return type in this.loader.credentialTypes
			? this.loader.getCredential(type).type.properties
			: [];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	getParentTypes(): string[] {
		return [];
	}

	async authenticate(
		_credentials: ICredentialDataDecryptedObject,
		_type: string,
		options: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		return options;
	}

	async preAuthentication(): Promise<undefined> {
		return undefined;
	}

	async runPreAuthentication(): Promise<undefined> {
		return undefined;
	}

	async updateCredentials(): Promise<void> {}

	async updateCredentialsOauthTokenData(): Promise<void> {}
}
