// A form that two people have open: who comes second is told.
import '../i18n/administering'
import { t } from '../i18n/format.svelte'
import { ApiError } from '../live/http'
import { faultsOf, type Faults } from '../ui/faults'

// overtakenOr sorts the faults of a form, and says it in the person's words when somebody else changed the same meanwhile. What was
// typed stays in the form.
export const overtakenOr = (err: unknown, fields: string[]): Faults =>
  err instanceof ApiError && err.reason === 'changed_since' ? { general: t('form.changed_since'), of: () => '' } : faultsOf(err, fields)
