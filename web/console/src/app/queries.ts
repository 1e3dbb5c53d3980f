import { makeQueryClient } from '@liveshelf/kit/console'

/** One cache for the pages and for the router's question who is signed in. */
export const queryClient = makeQueryClient()
