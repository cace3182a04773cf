// How many notifications are new: all that the first page needs to know of them.
export const bell = $state({ unseen: 0 })
