-- Stream functions; every partition is a stream of its own on the node.

local function one(rec) return 1 end
local function add(a,b) return a+b end
function count(s) return s : map(one) : reduce(add) end
function sumn(s,bin) return s : map(function(r) return r[bin] or 0 end) : reduce(add) end
function names(s) return s : map(function(r) return r.s end) end
function filt(s,min) return s : filter(function(r) return r.n > min end) : map(function(r) return r.n end) end
function grp(s) return s : aggregate(map(), function(m,r) m[r.g]=(m[r.g] or 0)+r.n return m end) : reduce(function(a,b) return map.merge(a,b,add) end) end
function agg0(s) return s : aggregate(0, function(a,r) return a+r.n end) end
function agg1(s) return s : aggregate(0, function(a,r) return a+r.n*100 end) : reduce(add) end
function agg2(s) return s : map(function(r) return r.n*100 end) : aggregate(0, function(a,v) return a+v end) end
function gb(s) return s : groupby(function(r) return r.g end) end
function gb2(s) return s : map(function(r) return r.g end) : groupby(function(v) return v end) end
function raw(s) return s end
function recs(s) return s : filter(function(r) return r.n<3 end) end
function lists(s) return s : map(function(r) return list{r.n,r.s,map{a=r.n}} end) end
function tabs(s) return s : map(function(r) return {1} end) end
function falses(s) return s : map(function(r) return r.n % 2 == 0 end) end
function nils(s) return s : map(function(r) return nil end) end
function meta(s) return s : map(function(r) return map{set=record.setname(r), gen=record.gen(r), nb=record.numbins(r), key=tostring(record.key(r)), d=tostring(record.digest(r)), bins=list(record.bin_names(r))} end) end
function wr(s) return s : map(function(r) r.n=99 return tostring(r.n)..tostring(aerospike:update(r))..tostring(aerospike:exists(r))..tostring(aerospike:create(r))..tostring(aerospike:remove(r))..aerospike:get_current_time() end) end
function ttl(s) return s : map(function(r) record.set_ttl(r,5) record.drop_key(r) return 'x' end) end
function boom(s) return s : map(function(r) error('boom') end) end
function boom2(s) error('early') end
function boom3(s) return s : map(function(r) error({}) end) end
function nothing(s) end
function two(s) return s : map(one) : reduce(add) : map(function(x) return x*2 end) end
function rr(s) return s : map(one) : reduce(add) : reduce(add) end
function bad1(s) return s : map(5) end
function bad2(s) return s : aggregate() end
function args(s,...) local a=list{...} return s : map(function(r) return a end) end
function big(s) return s : map(function(r) return string.rep('x',1000) end) end
function byt(s) return s : map(function(r) local b=bytes() bytes.append_string(b,'hi') return b end) end
function geo(s) return s : map(function(r) return geojson('{"type":"Point","coordinates":[1,2]}') end) end
function aggtab(s) return s : aggregate({n=0}, function(t,r) t.n=t.n+1 return t end) : map(function(t) return t.n end) end
function agglist(s) return s : aggregate(list(), function(l,r) list.append(l,r.n) return l end) : reduce(list.merge) end
function aggmapn(s) return s : aggregate(map{count=0,sum=0}, function(m,r) m.count=m.count+1 m.sum=m.sum+r.n return m end) : reduce(function(a,b) a.count=a.count+b.count a.sum=a.sum+b.sum return a end) end
function mth(s) return s : map(function(r) return r.n end) : reduce(math.max) end
function msum(s) return s : map(function(r) return r.n end) : reduce(math.sum) end
function strs(s) return s : map(function(r) return tostring(stream.readable(s))..type(s) end) end
