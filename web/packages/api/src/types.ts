/**
 * Short names for the values of the native API. Their shapes are the server's: `schema.d.ts` is generated.
 *
 * Ids that pass 2^53 are strings; instants are ISO 8601 in UTC; money is an integer number of fen.
 */
import type { components } from './schema'

type S = components['schemas']

export type Session = S['SessionView']
export type Membership = S['ShopOfMine']
export type Permission = S['Permission']
export type Role = S['Role']
export type People = S['PeopleView']
export type Member = S['MemberView']
export type System = S['SystemView']
export type Modes = S['Modes']

export type Lexicon = S['LexiconView']
export type LexiconClass = S['ClassView']
export type LexiconEntry = S['LexiconChange']
export type EntryKind = NonNullable<S['AddEntry']['kind']>
export type EntryDraft = Omit<S['AddEntry'], 'request_id'>
export type Tried = S['Tried']
export type TriedField = NonNullable<S['TryText']['field']>

export type Spec = S['SpecView']
export type PriceType = S['PriceType']
/** 1: one price. 2: from price to price2. 3: price was, price2 is. */
export type Priced = Pick<S['GoodsBrief'], 'price_type' | 'price_fen' | 'price2_fen'>
export type Media = S['MediaView']
export type Picture = S['PictureView']

export type Product = S['ProductView']
export type ProductDraft = Omit<S['ProductIn'], 'request_id'>
export type DeliveryKind = S['DeliveryKind']
export type Sku = S['SkuView']
export type SkuDraft = S['SkuIn']
export type StockOfSku = S['StockView']
export type StockShown = S['Show']
export type Pool = S['Pool']
export type StocktakeRow = S['StocktakeView']
export type StocktakeState = S['StocktakeState']
export type StocktakeLine = S['CountLineView']
export type LinesShown = S['Lines']
export type ChangeOutcome = S['ChangeOutcome']
export type Goods = S['GoodsView']
export type GoodsState = S['AuditState']

export type Room = S['RoomView']
export type RoomBrief = S['RoomBrief']
export type RoomState = S['RoomState']
export type RoomDraft = Omit<S['NewRoom'], 'request_id'>
export type Desk = S['DeskView']
export type Figures = S['FiguresView']
export type ShelfItem = S['ShelfItem']
export type Comment = S['Comment']
export type Ticket = S['Issued']
export type Preflight = S['PreflightView']
export type Finding = S['PreflightFinding']
export type PlanRow = S['PlanView']
export type PlanDraft = S['PlanIn']
export type RoomSettingsDraft = Omit<S['RoomSettingsIn'], 'request_id'>
export type Colleague = S['Colleague']
export type RoomPeople = S['RoomPeople']
export type RoomPerson = S['PersonView']
export type RoomCrew = S['RoomCrew']
export type RoomSwitches = S['Switches']

export type Webhook = S['WebhookView']
export type WebhookDraft = Omit<S['EndpointSet'], 'request_id'>
export type WebhookDelivery = S['WebhookDelivery']
export type DeliveryState = S['DeliveryState']

export type Order = S['OrderView']
export type OrderLine = S['LineView']
export type OrderState = S['OrderState']
export type OrderDraft = S['OrderDraft']
export type Payment = S['PaymentView']
export type PackingSheet = S['SheetView']
export type InvoiceTitle = S['TitleView']
export type Delivery = S['DeliveryView']
export type Invoice = S['InvoiceView']

export type InvoiceDraft = S['InvoiceIn']
export type Quote = S['QuoteView']
export type WishLine = S['WishView']
export type Amount = S['AmountView']
export type Cart = S['CartView']
export type CartLine = S['CartLineView']

export type Address = S['AddressView']
export type AddressDraft = Omit<S['AddressIn'], 'request_id'>
export type Recognised = S['RecognisedView']
export type Confidence = S['Confidence']
export type Parcel = S['ParcelView']
export type Code = S['CodeView']
export type Carrier = S['CarrierView']
export type Flag = S['Flag']
export type AbnormalKind = S['AbnormalKind']
export type AbnormalCase = S['AbnormalCaseView']
export type AddressRequest = S['AddressRequestRow']
export type Batch = S['BatchView']
export type RowState = S['RowState']

export type RefundState = S['RefundState']
export type ShopRefund = S['RefundView']
export type BillDay = S['DayView']
export type BillDifference = S['BillDifferenceView']
export type MerchantDraft = Omit<S['SetMerchant'], 'request_id'>

export type ClockBoard = S['ClockBoard']
export type MissedLimit = S['MissedLimit']
export type Notice = S['NoticeView']

export type Workbench = S['WorkbenchView']
export type Developer = S['Developer']
export type FaultDraft = S['FaultDraftView']
export type WireCall = S['CallView']
export type PolicyProfile = S['Profile']
export type Qualifications = S['QualificationsView']
export type ApplicationView = S['ApplicationView']
export type ApplicationKind = S['ApplicationKind']
export type ApplicationState = S['ApplicationState']
export type PaperKind = S['PaperKind']
export type PaperView = S['PaperView']
export type Subject = S['Subject']
export type LiveMode = S['Mode']

export type TrailRow = S['TrailEntry']
export type TimelineLink = S['TimelineLink']
export type TimelineGroup = S['Group']
export type ReviewCase = S['ReviewCase']
export type ReviewKind = S['ReviewKind']
export type ReviewVerb = ReviewCase['may'][number]
export type Penalty = S['PenaltyView']
export type PenaltyLevel = Penalty['level']
export type PenaltyState = Penalty['state']
export type Announcement = S['AnnouncementView']
export type AnnouncementDraft = Omit<S['AnnouncementIn'], 'request_id'>
export type OwnCase = S['OwnCase']
export type ReviewReason = S['ReasonView']

export type Case = S['CaseView']
export type CaseDetail = S['CaseDetail']
export type AftersaleSetup = S['AftersalesSetup']
export type FlowBand = S['BandSetup']
export type OrderAftersales = S['OrderAftersales']
export type CaseDraft = S['CaseDraft']

export type Storefront = S['Storefront']
export type StoreGoods = S['StoreGoods']
export type StoreGoodsPage = S['StoreGoodsPage']
export type StoreSku = S['StoreSku']
export type StoreRoom = S['StoreRoom']
export type SeenReplay = S['SeenReplay']
export type StoreComment = S['StoreComment']
export type Claim = S['ClaimView']
export type MyClaims = S['MyClaims']
export type ClaimRound = S['RoundView']
export type Question = S['QuestionView']
export type Me = S['MeView']
export type Consent = S['ConsentView']
export type DataCopy = S['CopyView']
export type PrivacyRequest = S['PrivacyRequest']
export type DemoBuyer = S['DemoBuyerView']
export type LoginCode = S['LoginCodeView']

export type RoomVideo = S['VideoView']
export type Recording = S['RecordingView']

export type Rehearsals = S['RehearsalsView']
export type RehearsalBrief = S['RehearsalBrief']
export type RehearsalCheck = S['CheckView']
