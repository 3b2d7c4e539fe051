import { RunComfyEmulator, type EmulatorOptions } from '../emulator/RunComfyEmulator';
import { ServerlessEmulator } from '../emulator/ServerlessEmulator';
import { installPackage } from './installPackage';
import { N8n, type N8nOptions } from './N8n';

/** A real n8n with this package, an emulator, and a credential that leads from one to the other. */
export interface Host {
	n8n: N8n;
	emulator: RunComfyEmulator;
	/** RunComfy's other API, with the same token. */
	serverless: ServerlessEmulator;
	credential: { id: string; name: string };
	stop(): Promise<void>;
}

/** Starts both. Nothing is left running when that fails. */
export async function startHost(
	emulatorOptions?: EmulatorOptions,
	n8nOptions?: N8nOptions,
): Promise<Host> {
	const emulator = await RunComfyEmulator.start(emulatorOptions);
	const serverless = await ServerlessEmulator.start({ ...emulatorOptions, port: 0 });
	let n8n: N8n | undefined;
	const stop = async () => {
		await n8n?.stop();
		await emulator.stop();
		await serverless.stop();
	};
	try {
		n8n = await N8n.start({ prepare: installPackage, ...n8nOptions });
		const credential = await n8n.createCredential('runComfyApi', 'RunComfy API (emulator)', {
			apiToken: emulator.token,
			baseUrl: emulator.url,
			serverlessBaseUrl: serverless.url,
		});
		return { n8n, emulator, serverless, credential, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}
