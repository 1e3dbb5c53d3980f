/** How long a password may be; the server has the last word. */
export const PASSWORD_MIN = 12
export const PASSWORD_MAX = 128
