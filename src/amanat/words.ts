/** The closed sets of words that Amanat's documents are made of: what a schema admits, and what may be shown. */
export const PAYMENT_STATUSES = ['pending', 'processing', 'completed', 'failed', 'refunded', 'cancelled'] as const;
export const PAYMENT_PROVIDERS = ['request_network', 'stripe', 'trezor', 'manual'] as const;
export const ESCROW_STATES = ['none', 'held', 'released', 'refunded'] as const;
export const DISPUTE_STATUSES = ['open', 'under_review', 'resolved', 'rejected'] as const;
export const DISPUTE_REASONS = ['not_received', 'not_as_described', 'damaged', 'fraud', 'other'] as const;
export const EVIDENCE_KINDS = ['image', 'document', 'message', 'transaction'] as const;
export const CHAT_KINDS = ['direct', 'support', 'dispute'] as const;
export const REQUEST_STATUSES = ['open', 'in_progress', 'awarded', 'completed', 'cancelled'] as const;
export const OFFER_STATUSES = ['pending', 'accepted', 'rejected', 'withdrawn'] as const;
/** Only currencies of scale 6 or less: a double does not hold the others. */
export const PRICE_CURRENCIES = ['USD', 'EUR', 'USDT', 'USDC', 'TRX'] as const;
export const NOTIFICATION_TYPES = ['payment', 'offer', 'dispute', 'message', 'points', 'system'] as const;
export const POINT_TYPES = ['earned', 'bonus', 'spent', 'expired', 'adjusted'] as const;
export const LEDGER_TYPES = ['deposit', 'hold', 'release', 'refund', 'fee', 'withdrawal'] as const;
export const LEDGER_BUCKETS = ['available', 'held'] as const;
export const USER_ROLES = ['buyer', 'seller', 'moderator', 'admin'] as const;
export const USER_STATUSES = ['active', 'suspended'] as const;
export const VERIFICATION_PURPOSES = ['signup', 'email_change', 'password_reset'] as const;
export const POST_STATUSES = ['draft', 'published'] as const;
export const CHAINS = ['ethereum', 'polygon', 'tron', 'bitcoin'] as const;
export const DESTINATION_STATUSES = ['fresh', 'funded', 'swept'] as const;
export const DISPUTE_EVENTS = ['opened', 'evidence_submitted', 'closed'] as const;
export const PLATFORMS = ['android', 'ios', 'desktop', 'web'] as const;
