/**
 * Every path of the native API, in the form openapi-fetch wants.
 *
 * Written by hand from the same contract as the server, in the shape that `npm run generate` produces, so
 * that the generated file can take its place without a caller changing.
 */
import type * as T from './types'

type Json<B> = { content: { 'application/json': B } }
type Ok<R> = { 200: Json<R> }
type None = { 204: { content?: never } }
type Query<Q> = [Q] extends [never] ? object : { query?: Q }
type Params<P extends string, Q> = Query<Q> & ([P] extends [never] ? object : { path: { [K in P]: string | number } })
type Get<R, P extends string = never, Q = never> = { parameters: Params<P, Q>; responses: Ok<R> }
type Send<B, R, P extends string = never> = { parameters: Params<P, never>; requestBody: Json<B>; responses: Ok<R> }
type Act<R, P extends string = never> = { parameters: Params<P, never>; responses: Ok<R> }
type Drop<P extends string = never> = { parameters: Params<P, never>; responses: None }
type Tell<B, P extends string = never> = { parameters: Params<P, never>; requestBody: Json<B>; responses: None }

type Once<B = unknown> = B & { request_id: string }
type Wish = Once<object>
type Paging = { cursor?: string; limit?: number }
type S = 'shop_id'

interface SessionPaths {
  '/v1/session': {
    get: Get<T.Session>
    post: Send<{ username: string; password: string }, T.Session>
    delete: Drop
  }
  '/v1/system': { get: Get<T.System> }
}

interface GoodsPaths {
  '/v1/shops/{shop_id}/workbench': { get: Get<T.Workbench, S> }
  '/v1/shops/{shop_id}/media': { post: Send<never, T.Media, S> }
  '/v1/shops/{shop_id}/products': {
    get: Get<T.Page<T.Product>, S, Paging & { q?: string; state?: string }>
    post: Send<Once<T.ProductDraft>, T.Product, S>
  }
  '/v1/shops/{shop_id}/products/{product_id}': {
    get: Get<T.Product, S | 'product_id'>
    patch: Send<Partial<T.ProductDraft> & { version?: number }, T.Product, S | 'product_id'>
    delete: Drop<S | 'product_id'>
  }
  '/v1/shops/{shop_id}/products/{product_id}/card-proposal': { get: Get<T.CardProposal, S | 'product_id'> }
  '/v1/shops/{shop_id}/skus/{sku_id}/stock': {
    put: Send<Once<{ set?: number; adjust?: number; reason: string }>, T.Sku, S | 'sku_id'>
  }
  '/v1/shops/{shop_id}/skus/{sku_id}/moves': { get: Get<T.Page<T.StockMove>, S | 'sku_id', Paging> }
  '/v1/shops/{shop_id}/goods': {
    get: Get<T.Page<T.Goods>, S, Paging & { state?: T.GoodsState; q?: string }>
    post: Send<
      Once<{ product_id: number; name?: string; cover_media_id?: string; url?: string } & Partial<T.Priced>>,
      T.Goods,
      S
    >
  }
  '/v1/shops/{shop_id}/goods/{goods_id}': {
    get: Get<T.Goods, S | 'goods_id'>
    patch: Send<{ name?: string; cover_media_id?: string; url?: string } & Partial<T.Priced>, T.Goods, S | 'goods_id'>
    delete: Drop<S | 'goods_id'>
  }
  '/v1/shops/{shop_id}/goods/{goods_id}/submit': { post: Act<T.Goods, S | 'goods_id'> }
  '/v1/shops/{shop_id}/goods/{goods_id}/withdraw': { post: Act<T.Goods, S | 'goods_id'> }
  '/v1/shops/{shop_id}/goods/{goods_id}/history': { get: Get<T.GoodsMove[], S | 'goods_id'> }
}

type R = S | 'room_id'
type RG = R | 'goods_id'

interface RoomPaths {
  '/v1/shops/{shop_id}/rooms': {
    get: Get<T.Page<T.Room>, S, Paging & { state?: T.RoomState }>
    post: Send<Once<T.RoomDraft>, T.Room, S>
  }
  '/v1/shops/{shop_id}/rooms/{room_id}': {
    get: Get<T.Room, R>
    patch: Send<Partial<T.RoomDraft>, T.Room, R>
    delete: Drop<R>
  }
  '/v1/shops/{shop_id}/rooms/{room_id}/start': { post: Act<T.Room, R> }
  '/v1/shops/{shop_id}/rooms/{room_id}/pause': { post: Act<T.Room, R> }
  '/v1/shops/{shop_id}/rooms/{room_id}/resume': { post: Act<T.Room, R> }
  '/v1/shops/{shop_id}/rooms/{room_id}/end': { post: Act<T.Room, R> }
  '/v1/shops/{shop_id}/rooms/{room_id}/desk': { get: Get<T.Desk, R> }
  '/v1/shops/{shop_id}/rooms/{room_id}/shelf': { post: Send<{ goods_ids: number[] }, T.Desk, R> }
  '/v1/shops/{shop_id}/rooms/{room_id}/shelf/{goods_id}': { delete: Act<T.Desk, RG> }
  '/v1/shops/{shop_id}/rooms/{room_id}/shelf/order': { put: Send<{ goods_ids: number[] }, T.Desk, R> }
  '/v1/shops/{shop_id}/rooms/{room_id}/shelf/{goods_id}/on-sale': { put: Send<{ on_sale: boolean }, T.Desk, RG> }
  '/v1/shops/{shop_id}/rooms/{room_id}/shelf/{goods_id}/push': { post: Act<T.Desk, RG> }
  '/v1/shops/{shop_id}/rooms/{room_id}/push': { delete: Act<T.Desk, R> }
  '/v1/shops/{shop_id}/rooms/{room_id}/ticket': { post: Act<T.Ticket, R> }
  '/v1/shops/{shop_id}/rooms/{room_id}/comments': { post: Send<Once<{ text: string }>, T.Comment, R> }
  '/v1/shops/{shop_id}/rooms/{room_id}/comments/{comment_id}': { delete: Drop<R | 'comment_id'> }
}

interface ShopPaths {
  '/v1/shops/{shop_id}/orders': {
    get: Get<T.Page<T.Order> & { counts: Record<T.OrderState, number> }, S, Paging & { state?: T.OrderState; q?: string }>
  }
  '/v1/shops/{shop_id}/orders/{order_id}': { get: Get<T.Order, S | 'order_id'> }
  '/v1/shops/{shop_id}/developer': { get: Get<T.Developer, S> }
  '/v1/shops/{shop_id}/developer/secret': { post: Act<{ appid: string; secret: string }, S> }
  '/v1/shops/{shop_id}/developer/pages': { put: Send<{ pages: string[] }, T.Developer, S> }
  '/v1/shops/{shop_id}/developer/quotas': { put: Send<{ limits: Record<string, number | null> }, T.Developer, S> }
  '/v1/shops/{shop_id}/developer/faults': { get: Get<T.Fault[], S>; post: Send<T.FaultDraft, T.Fault, S> }
  '/v1/shops/{shop_id}/developer/faults/{fault_id}': { delete: Drop<S | 'fault_id'> }
  '/v1/shops/{shop_id}/developer/calls': {
    get: Get<T.Page<T.WireCall>, S, Paging & { rid?: string; api?: string }>
  }
  '/v1/shops/{shop_id}/developer/reset': { post: Tell<{ confirm: string }, S> }
  '/v1/shops/{shop_id}/trail': { get: Get<T.Page<T.TrailRow>, S, Paging> }
  '/v1/reviews': { get: Get<T.Page<T.ReviewCase>, never, Paging & { state?: 'waiting' | 'decided' }> }
  '/v1/reviews/reasons': { get: Get<{ code: string; zh: string; en: string }[]> }
  '/v1/reviews/{audit_id}': { get: Get<T.ReviewCase, 'audit_id'> }
  '/v1/reviews/{audit_id}/approve': { post: Send<Once<{ note?: string }>, T.ReviewCase, 'audit_id'> }
  '/v1/reviews/{audit_id}/reject': { post: Send<Once<{ reasons: string[]; note?: string }>, T.ReviewCase, 'audit_id'> }
}

interface StorefrontPaths {
  '/v1/storefront/{shop_id}': { get: Get<T.Storefront, S> }
  '/v1/storefront/{shop_id}/goods/{goods_id}': { get: Get<T.StoreGoodsPage, S | 'goods_id'> }
  '/v1/storefront/{shop_id}/me': { get: Get<T.Me, S>; patch: Send<{ name: string }, T.Me, S>; delete: Drop<S> }
  '/v1/storefront/{shop_id}/me/register': { post: Send<{ phone: string; password: string; name: string }, T.Me, S> }
  '/v1/storefront/{shop_id}/me/sign-in': { post: Send<{ phone: string; password: string }, T.Me, S> }
  '/v1/storefront/{shop_id}/me/session': { delete: Drop<S> }
  '/v1/storefront/{shop_id}/me/demo-buyers': { get: Get<T.DemoBuyer[], S> }
  '/v1/storefront/{shop_id}/me/demo-buyer': { post: Send<{ customer_id: number }, T.Me, S> }
  '/v1/storefront/{shop_id}/rooms/{room_id}': { get: Get<T.StoreRoom, R> }
  '/v1/storefront/{shop_id}/rooms/{room_id}/ticket': { post: Act<T.Ticket, R> }
  '/v1/storefront/{shop_id}/rooms/{room_id}/comments': { post: Send<Once<{ text: string }>, T.Comment, R> }
  '/v1/storefront/{shop_id}/rooms/{room_id}/likes': { post: Tell<{ count: number }, R> }
  '/v1/storefront/{shop_id}/orders': {
    get: Get<T.Page<T.Order>, S, Paging>
    post: Send<T.OrderDraft, T.Order, S>
  }
  '/v1/storefront/{shop_id}/orders/{order_id}': { get: Get<T.Order, S | 'order_id'> }
  '/v1/storefront/{shop_id}/orders/{order_id}/pay': { post: Send<Wish, T.Payment, S | 'order_id'> }
  '/v1/storefront/{shop_id}/orders/{order_id}/cancel': { post: Send<Wish, T.Order, S | 'order_id'> }
}

export interface paths extends SessionPaths, GoodsPaths, RoomPaths, ShopPaths, StorefrontPaths {}
