import { Type } from 'typebox';
import { Optional, pageQuery } from '../schemas.ts';

const config = {
  url: Optional(Type.String()),
  content_type: Optional(Type.String()),
  secret: Optional(Type.String()),
  insecure_ssl: Optional(Type.Union([Type.String(), Type.Number()])),
};
const names = Optional(Type.Array(Type.String(), { maxItems: 100 }));

export const configBody = Type.Object(config);

export const newHookBody = Type.Object({
  name: Optional(Type.String()),
  config: Type.Optional(Type.Object(config)),
  events: names,
  active: Optional(Type.Boolean()),
});

export const hookChangesBody = Type.Object({
  name: Optional(Type.String()),
  config: Optional(Type.Object(config)),
  events: names,
  add_events: names,
  remove_events: names,
  active: Optional(Type.Boolean()),
});

export const deliveriesQuery = Type.Object({
  per_page: pageQuery.properties.per_page,
  cursor: Type.Optional(Type.String()),
  redelivery: Type.Optional(Type.String()),
  status: Type.Optional(Type.String()),
});
