/** The path of a model's endpoint. Its ID keeps its slashes. */
export function modelPath(modelId: string): string {
	return `/v1/models/${modelId.split('/').map(encodeURIComponent).join('/')}`;
}
