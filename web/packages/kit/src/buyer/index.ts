/** The buyer's kit: the shared base, and the few of TDesign's mobile components that a phone has to load. */
export * from '../base'
export { default as Button } from './Button.vue'
export { default as Quantity } from './Quantity.vue'
export { default as Sheet } from './Sheet.vue'
export { default as TextArea } from './TextArea.vue'
export { default as TextField } from './TextField.vue'
export { confirm, type Question } from './confirm'
export { toast } from './toast'
