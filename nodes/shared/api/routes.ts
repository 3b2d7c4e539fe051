/** Where a request is found. Only the client makes a URL of it. */
export interface RequestAddress {
	requestId: string;
	/** Of a request that a deployment runs. */
	deploymentId?: string;
}

/** Where the calls of one of RunComfy's two APIs lead. */
export interface ApiRoutes {
	/** Of the POST that starts a paid run. @param target the ID of a model or a deployment */
	submit(target: string): string;
	request(address: RequestAddress): string;
	address(target: string, requestId: string): RequestAddress;
	/** Whether a running request can be cancelled too, which then takes a while. */
	cancelsRunning: boolean;
	/** Whether a result can tell what it cost. */
	tellsCost: boolean;
}

export function modelPath(modelId: string): string {
	return `/v1/models/${modelId.split('/').map(encodeURIComponent).join('/')}`;
}

/** The Model API (the model's API page). */
export const MODEL_API: ApiRoutes = {
	submit: modelPath,
	request: ({ requestId }) => `/v1/requests/${encodeURIComponent(requestId)}`,
	address: (_, requestId) => ({ requestId }),
	cancelsRunning: false,
	tellsCost: true,
};

const DEPLOYMENTS = '/prod/v2/deployments';

export function deploymentPath(deploymentId = ''): string {
	return deploymentId ? `${DEPLOYMENTS}/${encodeURIComponent(deploymentId)}` : DEPLOYMENTS;
}

/** The Serverless API (RunComfy's documentation and its own clients). */
const SERVERLESS_API: ApiRoutes = {
	submit: (deploymentId) => `${deploymentPath(deploymentId)}/inference`,
	request: ({ deploymentId, requestId }) =>
		`${deploymentPath(deploymentId)}/requests/${encodeURIComponent(requestId)}`,
	address: (deploymentId, requestId) => ({ requestId, deploymentId }),
	cancelsRunning: true,
	tellsCost: false,
};

/** By what a paid request is sent to. */
export const ROUTES = { model: MODEL_API, deployment: SERVERLESS_API };

export type Target = keyof typeof ROUTES;
