import { expect } from 'chai';
import { type Connection, createConnection, Schema, Types } from 'mongoose';
import { freshMongo } from '../support/stores.ts';

const userSchema = new Schema({ name: { type: String, required: true }, email: { type: String, unique: true } });
const paymentSchema = new Schema(
  {
    buyer: { type: Schema.Types.ObjectId, ref: 'User' },
    amount: Number,
    fee: Schema.Types.Decimal128,
    status: { type: String, enum: ['pending', 'paid'], default: 'pending' },
    quotes: [{ rate: Number, at: Date }],
    tags: [String],
    metadata: Schema.Types.Mixed,
  },
  { timestamps: true },
);

describe('stores/embedded under Mongoose', () => {
  let connection: Connection;
  before(async () => {
    connection = await createConnection(await freshMongo()).asPromise();
  });
  after(async () => {
    await connection.dropDatabase();
    await connection.close();
  });

  function models() {
    return { User: connection.model('User', userSchema), Payment: connection.model('Payment', paymentSchema) };
  }

  it('creates with defaults and timestamps, populates, and saves what changed', async () => {
    const { User, Payment } = models();
    const buyer = await User.create({ name: 'نگار', email: 'n@x' });
    const made = await Payment.create({
      buyer: buyer._id,
      amount: 0.1 + 0.2,
      fee: Types.Decimal128.fromString('1.50'),
      metadata: { ref: buyer._id, 10: 'x' },
    });
    made.status = 'paid';
    made.quotes.push({ rate: 1.5, at: new Date(0) });
    await made.save();
    const found = await Payment.findById(made._id).populate<{ buyer: { name: string } }>('buyer', 'name').orFail();
    expect(found.buyer.name).to.equal('نگار');
    expect(found.amount).to.equal(0.1 + 0.2);
    expect(String(found.fee)).to.equal('1.50');
    expect(found.quotes).to.have.length(1);
    expect(found.createdAt).to.be.a('date');
    expect(found.get('__v')).to.equal(1);
  });

  it('populates a reference that leads nowhere as null', async () => {
    const { Payment } = models();
    const orphan = await Payment.create({ buyer: new Types.ObjectId(), amount: 1 });
    expect((await Payment.findById(orphan._id).populate('buyer').orFail()).buyer).to.equal(null);
  });

  it('refuses a duplicate of a unique field', async () => {
    const { User } = models();
    await User.init();
    await User.create({ name: 'a', email: 'same' });
    const error = await User.create({ name: 'b', email: 'same' }).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 11000 });
  });

  it('pages, counts, updates by upsert and bulk, and aggregates', async () => {
    const { Payment } = models();
    await Payment.deleteMany({});
    await Payment.insertMany(
      Array.from({ length: 25 }, (_, n) => ({ amount: n, tags: [`t${n % 3}`], status: n % 2 ? 'paid' : 'pending' })),
    );
    const page = await Payment.find({ status: 'paid' }).sort({ amount: -1 }).skip(2).limit(3).lean();
    expect(page.map((payment) => payment.amount)).to.deep.equal([19, 17, 15]);
    expect(await Payment.countDocuments({ tags: { $all: ['t1'] } })).to.equal(8);
    await Payment.bulkWrite([
      { updateOne: { filter: { amount: 3 }, update: { $set: { amount: 300 } } } },
      { deleteOne: { filter: { amount: 4 } } },
      { insertOne: { document: { amount: 400 } } },
    ]);
    const upserted = await Payment.findOneAndUpdate(
      { amount: -1 },
      { $addToSet: { tags: 'new' } },
      { upsert: true, returnDocument: 'after' },
    );
    expect(upserted?.status).to.equal('pending');
    const stats = await Payment.aggregate([
      { $group: { _id: '$status', count: { $sum: 1 }, total: { $sum: '$amount' } } },
      { $sort: { _id: 1 } },
    ]);
    expect(stats).to.deep.equal([
      { _id: 'paid', count: 12, total: 144 - 3 + 300 },
      { _id: 'pending', count: 14, total: 156 - 4 + 400 - 1 },
    ]);
  });

  it('takes the options that applications give to Mongoose', async () => {
    const { Payment } = models();
    await Payment.deleteMany({});
    await Payment.create([{ amount: 1 }, { amount: 2, tags: ['a', 'b', 'c'] }], { ordered: true });
    const found = await Payment.findOne({ amount: 2 })
      .select('-_id amount')
      .slice('tags', 1)
      .read('secondaryPreferred')
      .readConcern('majority')
      .collation({ locale: 'simple' })
      .maxTimeMS(5000)
      .comment('by its amount')
      .hint({ _id: 1 })
      .lean();
    expect(found).to.deep.equal({ amount: 2, tags: ['a'] });
    const written = await Payment.updateMany(
      {},
      { $push: { tags: { $each: ['z'], $slice: -2, $sort: 1 } } },
      { writeConcern: { w: 'majority', j: true, wtimeoutMS: 1000 } },
    );
    expect(written.modifiedCount).to.equal(2);
    const last = await Payment.findOneAndUpdate(
      { 'tags.0': 'c' },
      { $set: { 'tags.$[one]': 'y' } },
      { arrayFilters: [{ $or: [{ one: 'c' }, { one: 'd' }] }], returnDocument: 'after', includeResultMetadata: true },
    );
    expect(last.value?.tags).to.deep.equal(['y', 'z']);
    expect(await Payment.aggregate([{ $match: { amount: 1 } }, { $count: 'n' }], { allowDiskUse: true })).to.deep.equal(
      [{ n: 1 }],
    );
    expect(await Payment.diffIndexes()).to.deep.equal({ toDrop: [], toCreate: [] });
  });

  it('streams a collection by a cursor', async () => {
    const { Payment } = models();
    await Payment.deleteMany({});
    await Payment.insertMany(Array.from({ length: 500 }, (_, amount) => ({ amount })));
    let sum = 0;
    for await (const payment of Payment.find().sort({ _id: 1 }).cursor({ batchSize: 50 })) sum += payment.amount ?? 0;
    expect(sum).to.equal(124_750);
  });
});
