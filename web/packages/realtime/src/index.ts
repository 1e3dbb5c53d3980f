export type { RoomChange, RoomMessage, StockItem } from './messages'
export { COMMENTS_MAX, reduce, viewOf, type Audience, type RoomView } from './reduce'
export { RoomStream, type Connection, type RoomStreamOptions } from './stream'
