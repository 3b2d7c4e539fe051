import type {
	ILoadOptionsFunctions,
	ResourceMapperField,
	ResourceMapperFields,
} from 'n8n-workflow';
import type { Target } from '../api/routes';
import { escapeHtml } from '../errors/errorText';
import { messageInEditor } from './catalog';

const RETRY = 'Open the node again to retry, or choose Specify Inputs → Using JSON.';

/**
 * The form of what is chosen in the node. What goes wrong is told in its place, for n8n (2.41.1) shows nothing when
 * this rejects. The form that there is stays as it is then: an empty one would delete what is filled in.
 */
export async function loadForm(
	context: ILoadOptionsFunctions,
	load: () => Promise<ResourceMapperFields>,
	target: Target = 'model',
): Promise<ResourceMapperFields> {
	return await load().catch((error: unknown) => {
		const kept = keptFields(context);
		if (kept.length > 0) return { fields: kept };
		return noFields(escapeHtml(messageInEditor(context, error, RETRY, target)));
	});
}

export function noFields(emptyFieldsNotice: string): ResourceMapperFields {
	return { fields: [], emptyFieldsNotice };
}

function keptFields(context: ILoadOptionsFunctions): ResourceMapperField[] {
	const held = context.getCurrentNodeParameter('inputs') as
		| { schema?: ResourceMapperField[] }
		| undefined;
	return Array.isArray(held?.schema) ? held.schema : [];
}
