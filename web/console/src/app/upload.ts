import { api, fileBody, take, type Media } from '@liveshelf/api'
import type { Action } from '@liveshelf/kit/console'
import { useShopId } from './session'
import { useWrite } from './write'

/** Sends a picture to the shop's media. What it may weigh and measure is the server's to judge. */
export function useUpload(): Action<[File], Media> {
  const shopId = useShopId()
  return useWrite((_requestId: string, file: File) =>
    take(
      api.POST('/v1/shops/{shop_id}/media', { params: { path: { shop_id: shopId.value } }, ...fileBody(file) }) as Promise<{
        data?: Media
        response: Response
      }>,
    ),
  )
}
