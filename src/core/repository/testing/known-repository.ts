/**
 * The complete repository of specification section 21.2: six files, 2122 bytes, password `geheim`, accepted by restic
 * 0.14.0 and 0.19.1.
 */
import type { ObjectType } from '../../storage/object-store.ts';
import { MemoryStore } from './memory-store.ts';

export const knownPassword = 'geheim';

const files: readonly (readonly [ObjectType, string, string])[] = [
  [
    'key',
    'efd2208b578bf8335d98c22b04afed21cc68c28db2924e314330f5140b9cd5fd',
    'eyJjcmVhdGVkIjoiMjAyNC0wMS0wMlQwMzowNDowNVoiLCJ1c2VybmFtZSI6InNwZWMiLCJob3N0bmFtZSI6InNwZWMiLCJrZGYiOiJzY3J5cHQiLCJOIjoxMDI0LCJyIj' +
      'o4LCJwIjoxLCJzYWx0IjoiQUFFQ0F3UUZCZ2NJQ1FvTERBME9EeEFSRWhNVUZSWVhHQmthR3h3ZEhoOGdJU0lqSkNVbUp5Z3BLaXNzTFM0dk1ERXlNelExTmpjNE9UbzdQ' +
      'RDArUHc9PSIsImRhdGEiOiJzUGZ2Z2JDS1NvcjVLTktMd3VUYllvVlFyWWgwcjdQUXpDb0ZHT3MvaG5KYnZZRUJHZzhWSWtoK00vc1VIckhDOTkwL1MvTVFEOGZ4WDN3NW' +
      '1oQ05mRmZvQXNYbTBScDZZZ1IrRDBZaThRTm1GTHZqZVFtU2ZlVmpUTVVhRnk2S0src3BseFZHMmhYeHY4RGttQ1g3a1BvUVNsTnZnUmRBZ3cxemlkQThVOVQwdTFsNkxJ' +
      'TE5oejRreWpCL2x5T1FXT0lsR0p1K1FWUUgzeGNtWXNYS1NnPT0ifQ==',
  ],
  [
    'config',
    '',
    'DIstHXopglnDCKmzv/moQkQVflkenk14vf5CqWHTGUyRqMnI+zLTccl783r3QxGbbGfT9usbDzGEwOJh7Pxwv/h1j1HemdGCZem/Ssi2ZxJFCGVscMqw1Hq+qmMwnZ5wpi' +
      'ugIQYLwlaSAKGeq4FTdTyJwfYtT1BjLiqN+Eg7zxgizOoAGsKzcpOSI3eAJQ2alxGUVL9LRxspCLI=',
  ],
  [
    'data',
    'c6d07a9402c44f59a0599b2958f10a04badbddfba89e7242b79a0ee9fa907d8e',
    'AZWK00f/xwkNBg3IU3PRdRDaJfSbAX9C/mHI9305XW00ITwBlS7QmcRVSdc2smfZPuQWU8WsBPPjwY+L+JKpHT/iO365ZCeqmWMq5az35ddGT8MK59BMmeGosxuHINNYrg' +
      '1z2lbJ23l3StiagL5lmqRruq4STXsZ0bYAkjQ2EMenOzt47gaVqvFQpwoj2VHecdiDhZXo71vc0A44cZ8zYygXVO1hKKKox05xd218CZP9rMWy6nPITFJSEsAaQ7sz6JWu' +
      'JzmWWoJmPUckTw7+Kr/2gFtbeRnh9bR/bgAAAA==',
  ],
  [
    'data',
    'ba7ea9b21d1393c1f27d107d2cd07c88bcf139a3eff2a7f7889ac132a40ffa20',
    '8U7o/jQnM9fISnwiNfdVDILeXQjV/2URNKMqy3SiuLqFtic7oCaxcjvAFqb83ddiRQLt8LY07Nzb9VFE0VmFFYNSZJLr4ewj9JsZLFRdl7ga8MWcEm4PLF1L33X8/FZDOP' +
      'ayGb+LX8kGmECITDwE5VGtqyfzQRlDc5r/+QVtkwcsJpfnqVgZVgZplf/q+KZ2CFdYZtCIy0mQjguaSX1tJ7pfl9y5SlDWD9sW0ESME65mE11tnWmqxmBc+P1kPHStFtUO' +
      'MKCI2yzmzSBWGKG6J5tdscSqj7gi6wG2PAsHVc6EGNLA6Z+yuEPxhlIkfbV2fl1/ct3a9p/IeHDHNAMSmY6+Lp9NhK+Q1OjJn4PLATuDqE6TAQ/B+4Z0s2NzkHWuvisCin' +
      'r8O63cVPvzZB+uAMiBIbo8qZj86iQLXouBnCnlkJzzagLItkReqZpBLgRC1mY48yka3n1BzyU/ybXT1gwxbSaJBoh4YAXfcxqZF5jo88a7kPdUWA6XcYd36/H4CVrA080i' +
      'NhRlbEx21/tQSWXFrTodQyE4D+WL4orzIHbyOsJJp30GggDfJojoQhD/hCEBDyYFUMXw6W3KqzbP7NsNYZxtMX7hStwrflpCzVrGqgm//VSnfGehZFVmcIJcbd/YiBLOS/' +
      '6AGrxjWoUVMZYl4U52DgRgO8+4XTL+gnQEaEWLKEXe14BYMEKbC3glENZscPVVjOU6n0RQYdFMT2nBJBJNkNNbJtbShtbt1rbvMQkGHzSNdmMxcxp9oiUM+s/IRf/2Qnvz' +
      'rOLuwGzQrNGStyDyIRaNPDIVsfO+iu+w46PUOfPM1Bcj0QFsDyO5c9o5jssQ0gWFXxRnX9aGR1IlONMRJNDai0YfEDMVIxwRYty79RjGylLFNATUITvhe7sMNorSeX0ITV' +
      'YMsKuPpbm3vCDrMLRWevfdlmK93pcU9nIAAAA=',
  ],
  [
    'index',
    'ac06c98dada065e1f21ac6a11bb4383eb32ada9f4142433acb5fbafe60be6385',
    'W5L6WcnWEcKFmt6406xi7AV3KAJlpjzql/teGi8FebbwwdzR8zJ9f3Wn2m2BOngIlPszx8s7QX3UReoHcJM5WHn2QixZh8ibhsaJy07kF2jmUkPVHCP47KlXcsdDgsYnw6' +
      '0cMjgeBfiPAkGxg8eVIfzDNp/HOaeKg6mnj91nIbac7HtGenC00/I0ylqTQSgfr1Uz+9ytfYzENSa0IKagdYpj/h0bsn16uk8L4Kg5a4MtNUXVR1cn8Gz4KlLyCt/sYN9l' +
      'BRILsHcjyh7xMvMYN7JETsnOsl9GUihYaE2GuXw3wXsSfCHkM0gaLYcJ5yT+xIjHs5bv5/xV8XBRgkr3KMIYg7m2VK2a49yHakTjWoEFaQI7239Puqo23PB6rf9MCk+pQM' +
      'h4G3lMzh6nBVEYQJTVFL5TxbJuLoAOhSKGUoiZx0wy1CVNUpEuGiyqBNKrh188iCFUrNeV31SjhgaUfk0CbWB57iZ5b3sJG6ud5p+MV/p3IV3tcL3A4mspQazn5q+Iyby+' +
      '/h5Q6eJ/y4IqjQKmk4DC+4mjS5mT6X0=',
  ],
  [
    'snapshot',
    '7dc29be42bbabf4198e54e0deb526723ecb2a21089ea7027895133e64e68cb28',
    'LcP2Lr71HGwOlUUYypEpPu0vP6O5NoqJ8JLfrcoDy0HOJRQT7TFguJdWQyl/0FQYjJEfIhdMQ6k2PqhLJIo/Zarw8U+fPWKjzBILDxcsYfES5lrMRVTNVQrsT6pevc27Su' +
      'orEKd6hVJpB5Q9nKYwoS2QtCwVOb4Udt1KncrhgXqxJsGbpoXGSuJwX23bd8HGjYPGAM/CqAczy0/AnBRvwNczwfMcHOUW9PaNXtcPbli21GzNbiDQtYaO4WRXIT4=',
  ],
];

export function knownRepository(): MemoryStore {
  const store = new MemoryStore();
  for (const [type, name, base64] of files) store.plant(type, name, Buffer.from(base64, 'base64'));
  return store;
}
