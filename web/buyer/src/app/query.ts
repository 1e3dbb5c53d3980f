import { makeQueryClient } from '@liveshelf/kit/buyer'

/** One for the whole page, so that what is not a component (a route guard, a stream) reaches the same cache. */
export const queryClient = makeQueryClient()
