import { describe, expect, it } from 'vitest';
import { resolve } from '../../../local/assembly/intrinsics.ts';
import type { Scope } from '../../../local/assembly/intrinsics.ts';

const names: Record<string, unknown> = {
  Bucket: 'images-1',
  'AWS::Region': 'eu-west-1',
  Subnets: ['a', 'b'],
  'AWS::NoValue': undefined,
};
const scope: Scope = {
  where: 'tandem',
  ref: (name) => {
    if (name in names) return names[name];
    throw new Error(`no ${name}`);
  },
  attribute: (id, name) => `${id}:${name}`,
  imported: (name) => `imported ${name}`,
  ssm: (name) => `value of ${name}`,
  zones: (region) => [`${region || 'eu-west-1'}a`, `${region || 'eu-west-1'}b`],
  conditions: {
    Yes: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
    No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    Either: { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] },
  },
  mappings: { Sizes: { 'eu-west-1': { small: 't3.small' } } },
};
const of = (value: unknown) => resolve(value, scope);

describe('intrinsic functions', () => {
  it('resolves references and attributes wherever they stand', () => {
    expect(of({ a: [{ Ref: 'Bucket' }], b: { 'Fn::GetAtt': ['Role', 'Arn'] }, c: { 'Fn::GetAtt': 'Group.Data.Id' } })).toEqual({
      a: ['images-1'],
      b: 'Role:Arn',
      c: 'Group:Data.Id',
    });
  });

  it('joins, splits, selects and substitutes', () => {
    expect(of({ 'Fn::Join': ['-', ['a', { Ref: 'Bucket' }, 3]] })).toBe('a-images-1-3');
    expect(of({ 'Fn::Join': [',', { Ref: 'Subnets' }] })).toBe('a,b');
    expect(of({ 'Fn::Select': ['1', { 'Fn::Split': ['-', { Ref: 'Bucket' }] }] })).toBe('1');
    expect(of({ 'Fn::Sub': '${Bucket}/${Role.Arn}/${!Kept}/${AWS::Region}' })).toBe('images-1/Role:Arn/${Kept}/eu-west-1');
    expect(of({ 'Fn::Sub': ['${Own}+${Bucket}', { Own: { Ref: 'Bucket' } }] })).toBe('images-1+images-1');
  });

  it('leaves no trace of AWS::NoValue', () => {
    expect(of({ a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }, 2] })).toEqual({ b: [1, 2] });
    expect(of({ a: { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] } })).toEqual({});
  });

  it.each([
    ['Yes', 'then'],
    ['No', 'else'],
    ['Both', 'else'],
    ['Either', 'then'],
  ])('chooses by condition %s', (condition, expected) => {
    expect(of({ 'Fn::If': [condition, 'then', 'else'] })).toBe(expected);
  });

  it('finds values in mappings, zones, imports and parameters', () => {
    expect(of({ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] })).toBe('t3.small');
    expect(of({ 'Fn::Select': [1, { 'Fn::GetAZs': '' }] })).toBe('eu-west-1b');
    expect(of({ 'Fn::ImportValue': { 'Fn::Sub': '${Bucket}-x' } })).toBe('imported images-1-x');
    expect(of('a {{resolve:ssm:/one}} b {{resolve:ssm:/two:3}}')).toBe('a value of /one b value of /two:3');
    expect(of({ 'Fn::Base64': 'hello' })).toBe('aGVsbG8=');
  });

  it('cuts a block into networks', () => {
    expect(of({ 'Fn::Cidr': ['10.0.0.0/16', 3, '8'] })).toEqual(['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']);
    expect(() => of({ 'Fn::Cidr': ['10.0.0.0/24', 2, '8'] })).toThrow('no room for 2 networks');
  });

  it('refuses what it does not know, by name', () => {
    expect(() => of({ 'Fn::Transform': {} })).toThrow('Fn::Transform is not known locally');
    expect(() => of({ 'Fn::Select': [7, ['a']] })).toThrow('item 7 of a list of 1');
    expect(() => of({ 'Fn::FindInMap': ['Sizes', 'us-east-1', 'small'] })).toThrow('Sizes.us-east-1');
    expect(() => of('{{resolve:secretsmanager:x}}')).toThrow('only SSM parameters');
  });

  it('leaves objects alone that only look like functions', () => {
    expect(of({ Ref: 'Bucket', Other: 1 })).toEqual({ Ref: 'Bucket', Other: 1 });
  });
});
