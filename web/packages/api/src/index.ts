export { api, fileBody, formBody, makeClient, take, type Client, type ClientOptions } from './client'
export { uuidv7, Wish } from './ids'
export { ApiProblem, CLIENT_CODES, type FieldProblem } from './problem'
export type * from './types'
