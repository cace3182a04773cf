// The colours of tags, as the desk names them (desk/setting_check.go); styles/tokens.css has what they look like.
export const tagColours = ['grey', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'violet', 'pink'] as const
