-- What can befall any source, of the facts that it has: @time@ is the column it counts on,
-- @no time@ says that a row has none, @untimed@ is that as a condition, @key@ is what a row is
-- known by, @rows@ what its rows are called, @numbers@ are its columns of numbers. The indicator
-- that a trap moves is said by the source, in a field of its name.

--@ trap missing_time | wrong | of time
-- @no time@: such @rows@ count nowhere
advice  coalesce(@time@, <another time of the row>), or leave them out on purpose
query   SELECT * FROM @schema@.@source@ WHERE @untimed@

--@ trap infinite_time | wrong | of time
-- a time is infinite, or has always been: such @rows@ count nowhere, or as long done
advice  nullif(nullif(<column>, 'infinity'), '-infinity') AS <column>, and leave out the rows that
        have no @time@ then

--@ trap future_rows | doubtful | of time
-- a time lies after the instant the model is seen at: it has not happened yet
advice  mend the clock or the time zone of the column; or build(..., as_of => a later instant)

--@ trap missing_key | wrong | of key
-- @key@ is NULL: nothing can be joined to such @rows@
advice  give them a number, or leave them out
query   SELECT * FROM @schema@.@source@ WHERE @key@ IS NULL

--@ trap duplicates | wrong | of unique key
-- @rows@ that are there again under the same @key@, and count again: an earlier version, or a
-- join that multiplies
advice  (SELECT DISTINCT ON (@key@) * FROM ... WHERE @key@ IS NOT NULL ORDER BY @key@, <version>
        DESC NULLS LAST) UNION ALL SELECT * FROM ... WHERE @key@ IS NULL
query   SELECT @key@, count(*) FROM @schema@.@source@ GROUP BY @key@ HAVING count(*) > 1

--@ trap broken_number | fails | of numbers
-- NaN or infinity in @numbers@
advice  CASE WHEN <column> NOT IN ('NaN', 'Infinity', '-Infinity') THEN <column> END AS <column>

--@ trap ancient_time | doubtful | of time
-- a time lies before 1995, as dates do that stand for none, and the periods begin with it, as the
-- model has no since
advice  nullif(@time@, <that date>) AS @time@, or leave them out; or build(..., since => the day the
        shop began)
query   SELECT * FROM @schema@.@source@ WHERE @time@ < '1995-01-01' AND isfinite(@time@)

--@ trap data_ended | doubtful | of time | counts days
-- no @rows@ for more than a week, and five times as long as between two days that have some, on
-- average: the days since count as days without any
advice  see why they stopped; or, if all sources ended then, build(..., as_of => the day after the
        last row of any)
